import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { plansQuery } from '../../queries.ts'
import { CreatePlan } from './create-plan.tsx'
import { DriftBanner } from './drift-banner.tsx'
import { PlanOrder } from './plan-order.tsx'
import { nameOf, type Plan, priceOf, shownVersion, standingsOf } from './present-plan.ts'
import { HEADS } from './skeleton.tsx'

const COLUMNS: readonly Column<Plan>[] = withCells(HEADS, {
  name: (plan) => (
    <RowLink to={paths.plan} params={{ planKey: plan.key }}>
      {nameOf(plan)}
    </RowLink>
  ),
  key: (plan) => <code>{plan.key}</code>,
  price: (plan) => {
    const version = shownVersion(plan)
    return version === undefined ? '–' : priceOf(version)
  },
  state: (plan) => (
    <Stack direction="row" gap={2} canWrap>
      {standingsOf(plan).map(({ word, tone }) => (
        <Badge key={word} tone={tone}>
          {word}
        </Badge>
      ))}
    </Stack>
  ),
  subscribers: ({ subscriberCount }) => subscriberCount,
})

const route = getRouteApi('/app/plans')

export function PlanList() {
  const { act } = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(plansQuery)
  const create = (
    <CreatePlan
      isOpen={act === 'create'}
      onOpenChange={(isOpen) =>
        void navigate({ search: isOpen ? { act: 'create' } : {}, replace: true })
      }
    />
  )
  return (
    <Stack gap={4}>
      <PageHeader
        title="Plans"
        description="From the smallest to the largest: moving down the list is an upgrade."
        actions={
          data.data.length > 0 && (
            <>
              <PlanOrder plans={data.data} />
              {create}
            </>
          )
        }
      />
      <DriftBanner />
      <Card isFlush>
        <DataTable
          label="Plans"
          columns={COLUMNS}
          rows={data.data}
          rowKey={(plan) => plan.key}
          empty={
            <EmptyState
              icon="tag"
              title="No plans yet"
              description="A plan says what customers get and what it costs. Make one here, or write a catalog file and bring it here with farebox plans push."
              action={create}
            />
          }
          footer={<Pagination summary={countOf(data.data.length, 'plan')} />}
        />
      </Card>
    </Stack>
  )
}

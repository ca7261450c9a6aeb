import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink, RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { listFilters } from '../../list-filters.ts'
import { OfCustomer } from '../../of-customer.tsx'
import { paths } from '../../paths.ts'
import { plansQuery, subscriptionsQuery } from '../../queries.ts'
import {
  lifecycleOf,
  nextOf,
  PAYMENT_STATUS_OPTIONS,
  paymentOf,
  type Subscription,
} from './present-subscription.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/subscriptions')

const COLUMNS: readonly Column<Named<Subscription>>[] = withCells(HEADS, {
  customer: (subscription) => (
    <RowLink to={paths.subscription} params={{ subscriptionId: subscription.id }}>
      {subscription.customerName}
    </RowLink>
  ),
  plan: ({ planName, planVersion }) => `${planName}, version ${planVersion}`,
  lifecycle: (subscription) => {
    const { word, tone } = lifecycleOf(subscription)
    return <Badge tone={tone}>{word}</Badge>
  },
  payment: (subscription) => {
    const { word, tone } = paymentOf(subscription)
    return <Badge tone={tone}>{word}</Badge>
  },
  started: ({ startsAt }) => <Time at={startsAt} as="date" />,
  next: (subscription) => <Next subscription={subscription} />,
})

function Next({ subscription }: { readonly subscription: Subscription }) {
  const next = nextOf(subscription)
  if (next === undefined) return '–'
  return (
    <span>
      {next.label} <Time at={next.at} />
    </span>
  )
}

export function SubscriptionList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(subscriptionsQuery(search))
  const { data: plans } = useQuery(plansQuery)
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { isFiltered, filter, clear } = listFilters(
    search,
    (filters) => void navigate({ search: filters, replace: true }),
  )
  return (
    <Stack gap={4}>
      <PageHeader title="Subscriptions" />
      <FilterBar
        filters={[
          {
            key: 'state',
            label: 'Standing',
            value: search.state,
            options: [
              { value: 'open', label: 'open' },
              { value: 'closed', label: 'closed' },
            ],
          },
          {
            key: 'paymentStatus',
            label: 'Payment',
            value: search.paymentStatus,
            options: PAYMENT_STATUS_OPTIONS,
          },
          {
            key: 'planKey',
            label: 'Plan',
            value: search.planKey,
            options: (plans?.data ?? []).map(({ key, active, draft }) => ({
              value: key,
              label: (active ?? draft)?.definition.name ?? key,
            })),
          },
        ]}
        onFilter={filter}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Subscriptions"
          columns={COLUMNS}
          rows={data.data}
          rowKey={(subscription) => subscription.id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No subscription like that"
                description="Nobody has what these filters ask for."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="refresh"
                title="Nobody subscribes yet"
                description="Customers choose a plan in the portal; what they chose appears here."
                action={<ButtonLink to={paths.plans}>See the plans on sale</ButtonLink>}
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'subscription')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

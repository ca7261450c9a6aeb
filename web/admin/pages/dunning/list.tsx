import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { RowLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { listFilters } from '../../list-filters.ts'
import { OfCustomer } from '../../of-customer.tsx'
import { paths } from '../../paths.ts'
import { DUNNING_STATES, dunningQuery } from '../../money-queries.ts'
import { caseStateOf, type DunningCase, sentWords } from './present-case.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/dunning')

const STATE_OPTIONS = DUNNING_STATES.map((state) => ({
  value: state,
  label: caseStateOf({ state, retries: 'ours' }).word,
}))

const TRIED_BY = { ours: 'Farebox', stripe: 'Stripe', none: 'nobody: it was sent' } as const

const COLUMNS: readonly Column<Named<DunningCase>>[] = withCells(HEADS, {
  customer: ({ customerName, invoiceId }) => (
    <RowLink to={paths.invoice} params={{ invoiceId }}>
      {customerName}
    </RowLink>
  ),
  state: (each) => {
    const { word, tone } = caseStateOf(each)
    return <Badge tone={tone}>{word}</Badge>
  },
  opened: ({ openedAt }) => <Time at={openedAt} as="date" />,
  sent: (each) => <span>{sentWords(each)}</span>,
  retries: ({ retries }) => TRIED_BY[retries],
  next: ({ nextAt }) => (nextAt === null ? '–' : <Time at={nextAt} />),
})

/** Unpaid invoices, and what is done about them. */
export function DunningList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(dunningQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { isFiltered, filter, clear } = listFilters(
    search,
    (filters) => void navigate({ search: filters, replace: true }),
  )
  return (
    <Stack gap={4}>
      <PageHeader
        title="Dunning"
        description="Invoices that were not paid: who is told what, and when it is tried again. The settings hold the schedule."
      />
      <FilterBar
        filters={[{ key: 'state', label: 'Status', value: search.state, options: STATE_OPTIONS }]}
        onFilter={filter}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Unpaid invoices"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No case like that"
                description="None has this status for whom you are looking at."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="bell"
                title="Everybody has paid"
                description="A case begins when a payment fails, and ends when the invoice is paid."
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'case')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

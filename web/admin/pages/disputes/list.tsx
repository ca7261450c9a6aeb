import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Amount } from '../../../ui/amount.tsx'
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
import { disputesQuery } from '../../money-queries.ts'
import { type Dispute, disputeStateOf, isAnswerable, reasonOf } from './present-dispute.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/disputes')

const OPEN_OPTIONS = [
  { value: 'true', label: 'undecided' },
  { value: 'false', label: 'closed' },
]

const COLUMNS: readonly Column<Named<Dispute>>[] = withCells(HEADS, {
  opened: ({ id, openedAt }) => (
    <RowLink to={paths.dispute} params={{ disputeId: id }}>
      <Time at={openedAt} as="date-time" />
    </RowLink>
  ),
  customer: ({ customerName }) => customerName,
  reason: (dispute) => reasonOf(dispute),
  state: (dispute) => {
    const { word, tone } = disputeStateOf(dispute)
    return <Badge tone={tone}>{word}</Badge>
  },
  due: (dispute) =>
    dispute.evidenceDueAt !== null && isAnswerable(dispute) ? (
      <Time at={dispute.evidenceDueAt} />
    ) : (
      '–'
    ),
  amount: ({ amount }) => <Amount value={amount} />,
})

export function DisputeList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(disputesQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { isFiltered, filter, clear } = listFilters(
    search,
    (filters) => void navigate({ search: filters, replace: true }),
  )
  return (
    <Stack gap={4}>
      <PageHeader
        title="Disputes"
        description="Payments that their payers deny at the bank. Each is answered once, by its deadline."
      />
      <FilterBar
        filters={[
          { key: 'isOpen', label: 'Standing', value: search.isOpen, options: OPEN_OPTIONS },
        ]}
        onFilter={filter}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Disputes"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No dispute like that"
                description="None has this standing for whom you are looking at."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="scale"
                title="No disputes"
                description="When a bank takes a payment back, the answer is drafted here from what the customer used."
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'dispute')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

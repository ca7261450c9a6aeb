import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { ButtonLink } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { listFilters } from '../../list-filters.ts'
import { OfCustomer } from '../../of-customer.tsx'
import { paths } from '../../paths.ts'
import { REFUND_STATES, refundsQuery } from '../../money-queries.ts'
import { refundStateOf } from './present-refund.ts'
import { REFUND_COLUMNS } from './refund-columns.tsx'

const route = getRouteApi('/app/refunds')

const STATE_OPTIONS = REFUND_STATES.map((value) => ({
  value,
  label: refundStateOf({ state: value, approval: 'not_needed' }).word,
}))
const APPROVAL_OPTIONS = [
  { value: 'waiting', label: 'waiting' },
  { value: 'approved', label: 'approved' },
  { value: 'rejected', label: 'not approved' },
]

export function RefundList() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(refundsQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { isFiltered, filter, clear } = listFilters(
    search,
    (filters) => void navigate({ search: filters, replace: true }),
  )
  return (
    <Stack gap={4}>
      <PageHeader title="Refunds" description="Money given back, or on its way." />
      <FilterBar
        filters={[
          { key: 'state', label: 'Status', value: search.state, options: STATE_OPTIONS },
          { key: 'approval', label: 'Approval', value: search.approval, options: APPROVAL_OPTIONS },
        ]}
        onFilter={filter}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Refunds"
          columns={REFUND_COLUMNS}
          rows={data.data}
          rowKey={(refund) => refund.id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No refund like that"
                description="None has this status for whom you are looking at."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="refund"
                title="Nothing was given back"
                description="A refund begins on the page of its payment."
                action={
                  <ButtonLink to={paths.invoices} search={{ tab: 'payments' }}>
                    Payments
                  </ButtonLink>
                }
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'refund')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

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
import { FINDING_CATEGORIES, FINDING_STATES, findingsQuery } from '../../money-queries.ts'
import { FindingDialog } from './finding-dialog.tsx'
import { categoryOf, type Finding, stateOf } from './present-finding.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/findings')

const STATE_OPTIONS = FINDING_STATES.map((state) => ({
  value: state,
  label: stateOf({ state }).word,
}))
const CATEGORY_OPTIONS = FINDING_CATEGORIES.map((category) => ({
  value: category,
  label: categoryOf({ category }),
}))

const COLUMNS: readonly Column<Named<Finding>>[] = withCells(HEADS, {
  summary: ({ id, summary }) => (
    <RowLink
      from={paths.findings}
      to={paths.findings}
      search={(previous) => ({ ...previous, finding: id })}
    >
      {summary}
    </RowLink>
  ),
  category: (finding) => categoryOf(finding),
  customer: ({ customerName }) => (customerName === '' ? '–' : customerName),
  state: (finding) => {
    const { word, tone } = stateOf(finding)
    return <Badge tone={tone}>{word}</Badge>
  },
  seen: ({ seenAt }) => <Time at={seenAt} />,
})

/** Where what we know and what Stripe knows differ. */
export function FindingList() {
  const { finding: openId, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(findingsQuery(search))
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { isFiltered, filter, clear } = listFilters(
    search,
    (filters) => void navigate({ search: filters, replace: true }),
  )
  const open = data.data.find(({ id }) => id === openId)
  return (
    <Stack gap={4}>
      <PageHeader
        title="Findings"
        description="Where our numbers and Stripe’s differ, or something was changed in Stripe by hand."
      />
      <FilterBar
        filters={[
          { key: 'state', label: 'Status', value: search.state, options: STATE_OPTIONS },
          { key: 'category', label: 'Kind', value: search.category, options: CATEGORY_OPTIONS },
        ]}
        onFilter={filter}
      >
        <OfCustomer customerId={search.customerId} onClear={clear} />
      </FilterBar>
      <Card isFlush>
        <DataTable
          label="Findings"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            isFiltered ? (
              <EmptyState
                icon="search"
                title="No finding like that"
                description="None of this kind has this status."
                action={<Button onClick={clear}>Clear filters</Button>}
              />
            ) : (
              <EmptyState
                icon="check-circle"
                title="Everything agrees"
                description="Each invoice is compared with Stripe’s, each price when it is published, and everything else once a day."
              />
            )
          }
          footer={<Pagination summary={countOf(data.data.length, 'finding')} {...steps} />}
        />
      </Card>
      {open !== undefined && (
        <FindingDialog finding={open} onClose={() => void navigate({ search, replace: true })} />
      )}
    </Stack>
  )
}

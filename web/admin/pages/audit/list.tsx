import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ClockOffset } from '../../../ui/clock.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { FilterBar } from '../../../ui/filter-bar.tsx'
import { countOf } from '../../../ui/format.ts'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { ProblemBanner } from '../../../ui/problem-banner.tsx'
import { toProblem } from '../../../ui/problem.ts'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { ObjectLink } from '../../object-link.tsx'
import { OfCustomer } from '../../of-customer.tsx'
import { ACTOR_KINDS, auditQuery, auditVerificationQuery } from '../../queries.ts'
import { EntryDialog } from './entry-dialog.tsx'
import { useActorNames } from './entry-timeline.tsx'
import { actionWords, actorWords, type AuditEntry, gist, nounOf } from './present-entry.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/audit')

const ACTORS: Record<(typeof ACTOR_KINDS)[number], string> = {
  operator: 'operators',
  member: 'customers’ members',
  key: 'API keys',
  system: 'Farebox itself',
  stripe: 'Stripe',
}
const ACTOR_OPTIONS = ACTOR_KINDS.map((value) => ({ value, label: ACTORS[value] }))
const KIND_OPTIONS = [
  'customer',
  'subscription',
  'invoice',
  'key',
  'plan',
  'meter',
  'feature',
  'setting',
  'stripe_event',
].map((value) => ({ value, label: nounOf(value) }))

interface Row extends Named<AuditEntry> {
  readonly who: string
  readonly onOpen: () => void
}

const COLUMNS: readonly Column<Row>[] = [
  {
    ...HEADS[0],
    cell: (row) => (
      <Button variant="ghost" size="sm" onClick={row.onOpen}>
        {actionWords(row.action)}
      </Button>
    ),
  },
  { ...HEADS[1], cell: (row) => <Target entry={row} /> },
  { ...HEADS[2], cell: (row) => row.who },
  { ...HEADS[3], cell: (row) => <Time at={row.at} as="date-time" /> },
]

export function AuditList() {
  const { entry: openId, ...search } = route.useSearch()
  const navigate = route.useNavigate()
  const { data } = useSuspenseQuery(auditQuery(search))
  const names = useActorNames()
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  const { cursor: _, ...rest } = search
  const isFiltered = Object.keys(rest).length > 0
  const clear = () => void navigate({ search: {}, replace: true })
  const open = (id: string | undefined) =>
    void navigate({ search: id === undefined ? search : { ...search, entry: id }, replace: true })
  const rows = data.data.map((entry) => ({
    ...entry,
    who: actorWords(entry, names),
    onOpen: () => open(entry.id),
  }))
  return (
    // Entries carry the time at which they were written, also in a test mode that lives ahead.
    <ClockOffset offsetMs={0}>
      <Stack gap={4}>
        <PageHeader
          title="Audit log"
          description="Who did what. Each entry is chained to the one before, so that none can be changed or taken out unseen."
        />
        <Verification />
        <FilterBar
          search={{
            placeholder: 'Action, such as plan.published',
            value: search.action ?? '',
            onChange: (action) => {
              const { action: _old, ...others } = rest
              void navigate({
                search: action === '' ? others : { ...others, action },
                replace: true,
              })
            },
          }}
          filters={[
            { key: 'actorKind', label: 'Who', value: search.actorKind, options: ACTOR_OPTIONS },
            { key: 'targetKind', label: 'Object', value: search.targetKind, options: KIND_OPTIONS },
          ]}
          onFilter={(patch) => void navigate({ search: { ...rest, ...patch }, replace: true })}
        >
          <OfCustomer customerId={search.customerId} onClear={clear} />
        </FilterBar>
        <Card isFlush>
          <DataTable
            label="Audit log"
            columns={COLUMNS}
            rows={rows}
            rowKey={(row) => row.id}
            empty={
              isFiltered ? (
                <EmptyState
                  icon="search"
                  title="No entry like that"
                  description="Actions are written as noun.verb: customer.suspended, or customer for all of a noun."
                  action={<Button onClick={clear}>Clear filters</Button>}
                />
              ) : (
                <EmptyState
                  icon="book"
                  title="Nothing has happened yet"
                  description="Whatever changes money, access or settings is written down here."
                />
              )
            }
            footer={
              <Pagination summary={countOf(data.data.length, 'entry', 'entries')} {...steps} />
            }
          />
        </Card>
        <EntryDialog entry={rows.find(({ id }) => id === openId)} onClose={() => open(undefined)} />
      </Stack>
    </ClockOffset>
  )
}

function Target({ entry }: { readonly entry: Named<AuditEntry> }) {
  const { targetKind, targetId, customerId, customerName } = entry
  const isCustomer = targetKind === 'customer'
  const about = gist(entry)
  return (
    <Stack direction="row" gap={2} canWrap>
      <ObjectLink
        kind={targetKind}
        id={targetId}
        customerId={customerId}
        {...(isCustomer && customerName !== '' && { name: customerName })}
      />
      {!isCustomer && customerName !== '' && <span>{customerName}</span>}
      {about !== undefined && <span>{about}</span>}
    </Stack>
  )
}

/** Checking walks the whole chain, so it is done when asked for. */
function Verification() {
  const [isAsked, setAsked] = useState(false)
  const { data, error, isFetching, refetch } = useQuery({
    ...auditVerificationQuery,
    enabled: isAsked,
  })
  if (error !== null) return <ProblemBanner problem={toProblem(error)} />
  if (data === undefined) {
    return (
      <Banner
        tone="neutral"
        title="The chain has not been checked in this session"
        action={
          <Button size="sm" icon="shield" isPending={isFetching} onClick={() => setAsked(true)}>
            Verify
          </Button>
        }
      >
        Verifying recomputes every link from the first entry on.
      </Banner>
    )
  }
  const again = (
    <Button size="sm" icon="refresh" isPending={isFetching} onClick={() => void refetch()}>
      Verify again
    </Button>
  )
  if (data.isIntact) {
    return (
      <Banner tone="success" title="The chain is unbroken" action={again}>
        Every entry is as it was written, and none is missing.
      </Banner>
    )
  }
  return (
    <Banner tone="danger" title="The chain is broken" action={again}>
      Something was changed in the database at entry <code>{data.brokenAtId}</code> or before it.
      Compare with a backup.
    </Banner>
  )
}

import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { Disclosure } from '../../../ui/disclosure.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { billingRunsQuery, rehearsalQuery } from '../../money-queries.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { DueNow } from './due-now.tsx'
import { type BillingRun, progressWords, rehearsedTotals, runStateOf } from './present-run.ts'
import { HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/billing-runs')

const COLUMNS: readonly Column<BillingRun>[] = withCells(HEADS, {
  begun: ({ createdAt }) => <Time at={createdAt} as="date-time" />,
  state: (run) => {
    const { word, tone } = runStateOf(run)
    return <Badge tone={tone}>{word}</Badge>
  },
  progress: (run) => progressWords(run),
  failures: (run) => <Failures run={run} />,
})

/** Closing what has ended, for everybody at once: what is due, and how earlier runs went. */
export function BillingRunList() {
  const search = route.useSearch()
  const { data, dataUpdatedAt } = useSuspenseQuery(billingRunsQuery(search))
  useSuspenseQuery({
    ...rehearsalQuery,
    // What is due changes with each step of a run, and once more with its end.
    refetchInterval: ({ state }) => (state.dataUpdatedAt < dataUpdatedAt ? 1_000 : false),
  })
  const steps = useCursorSteps(search.cursor, data.nextCursor)
  return (
    <Stack gap={4}>
      <PageHeader
        title="Billing runs"
        description="Periods that Farebox bills close by themselves when they end. A run closes at once whatever is due, and bills nothing twice."
        actions={<StartRun />}
      />
      <DueNow />
      <Card isFlush title="Runs">
        <DataTable
          label="Billing runs"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              icon="invoice"
              title="No run yet"
              description="Nobody has asked for one; periods close by themselves."
            />
          }
          footer={<Pagination summary={countOf(data.data.length, 'run')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

function Failures({ run }: { readonly run: BillingRun }) {
  const { failed, failures } = run
  if (failed === 0) return '–'
  return (
    <Disclosure label={countOf(failed, 'subscription')}>
      <Stack gap={2}>
        {failures.map(({ subscriptionId, message }) => (
          <div key={subscriptionId}>
            <Link to={paths.subscription} params={{ subscriptionId }}>
              Subscription
            </Link>
            : {message}
          </div>
        ))}
      </Stack>
    </Disclosure>
  )
}

function StartRun() {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write')
  const { data: rehearsal } = useSuspenseQuery(rehearsalQuery)
  const totals = rehearsedTotals(rehearsal)
  return (
    <ConfirmDialog
      title="Close what is due now?"
      object={[
        {
          label: 'Due',
          value: `${countOf(rehearsal.data.length, 'subscription')}${rehearsal.isCut ? ' and more' : ''}`,
        },
        { label: 'To invoice', value: totals.length === 0 ? 'nothing' : totals.join(', ') },
      ]}
      consequences={[
        'Each period that has ended is closed, and its invoice is charged.',
        'What failed in an earlier run is tried again. Nobody is billed twice.',
      ]}
      verb="Close and invoice"
      tone="primary"
      trigger={
        <Button variant="primary" disabledReason={refusal}>
          Run now
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/billing/runs', { idempotencyKey })
        await Promise.all(
          ['billing-runs', 'rehearsal', 'invoices', 'audit'].map((key) =>
            queryClient.invalidateQueries({ queryKey: [key] }),
          ),
        )
      }}
    />
  )
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import type { ResponseOf } from '../../../../src/client/client.ts'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { reconcileRunsQuery } from '../../money-queries.ts'
import { runStateOf, runWords } from './present-run.ts'

type Run = ResponseOf<'get', '/api/v1/stripe/reconcile-runs'>['data'][number]

const COLUMNS: readonly Column<Run>[] = [
  {
    key: 'at',
    header: 'Begun',
    width: '11rem',
    cell: ({ startedAt }) => <Time at={startedAt} as="date-time" />,
  },
  {
    key: 'state',
    header: 'Status',
    width: '7rem',
    cell: (run) => {
      const { word, tone } = runStateOf(run)
      return <Badge tone={tone}>{word}</Badge>
    },
  },
  { key: 'found', header: 'Found', cell: (run) => runWords(run) },
]

/** Comparing everything with Stripe: daily by itself, and when somebody asks. */
export function Reconcile() {
  const { data, error, refetch } = useQuery(reconcileRunsQuery)
  return (
    <Card
      isFlush
      title="Comparing with Stripe"
      description="Once a day everything here is compared with Stripe. What is safe is taken over, the rest is a finding."
      actions={
        <Stack direction="row" gap={2} canWrap>
          <ButtonLink size="sm" variant="ghost" to={paths.findings} search={{ state: 'open' }}>
            Findings
          </ButtonLink>
          <Compare />
        </Stack>
      }
    >
      <DataTable
        label="Comparisons"
        columns={COLUMNS}
        rows={data?.data}
        rowKey={({ id }) => id}
        skeletonRows={3}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon="refresh"
            title="Not compared yet"
            description="The first comparison runs within a day, or now if you ask for it."
          />
        }
      />
    </Card>
  )
}

function Compare() {
  const queryClient = useQueryClient()
  const refusal = useRefusal('webhooks.write')
  return (
    <ConfirmDialog
      title="Compare with Stripe now?"
      object={[{ label: 'What', value: 'All customers and what belongs to them' }]}
      consequences={[
        'What Stripe knows and we do not is taken over, where that is safe.',
        'Everything else that differs becomes a finding; nothing in Stripe is changed.',
      ]}
      verb="Compare now"
      tone="primary"
      trigger={
        <Button size="sm" icon="refresh" disabledReason={refusal}>
          Compare now
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/stripe/reconcile', { body: {}, idempotencyKey })
        await Promise.all(
          ['reconcile-runs', 'findings', 'audit'].map((key) =>
            queryClient.invalidateQueries({ queryKey: [key] }),
          ),
        )
      }}
    />
  )
}

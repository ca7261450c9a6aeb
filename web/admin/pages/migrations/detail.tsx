import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { CopyText } from '../../../ui/copy-text.tsx'
import { useCursorSteps } from '../../../ui/cursor-steps.ts'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { countOf } from '../../../ui/format.ts'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Link } from '../../../ui/link.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Pagination } from '../../../ui/pagination.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import type { Named } from '../../customer-names.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { migrationMembersQuery, migrationQuery } from '../../money-queries.ts'
import {
  isStillToMove,
  type Member,
  memberStateOf,
  type Migration,
  migrationStateOf,
  progressWords,
  timingWords,
} from './present-migration.ts'
import { MEMBER_HEADS } from './skeleton.tsx'

const route = getRouteApi('/app/migrations/$migrationId')

type Row = Named<Member> & { readonly migrationId: string }

const COLUMNS: readonly Column<Row>[] = withCells(MEMBER_HEADS, {
  customer: ({ subscriptionId, customerName }) => (
    <Link to={paths.subscription} params={{ subscriptionId }}>
      {customerName}
    </Link>
  ),
  from: ({ fromVersion }) => fromVersion,
  state: (member) => {
    const { word, tone } = memberStateOf(member)
    return <Badge tone={tone}>{word}</Badge>
  },
  reason: ({ reason }) => reason ?? '–',
  told: ({ noticedAt }) => (noticedAt === null ? '–' : <Time at={noticedAt} as="date" />),
  act: (row) => <LeaveOut row={row} />,
})

export function MigrationPage() {
  const { migrationId } = route.useParams()
  const { cursor } = route.useSearch()
  const { data: migration } = useSuspenseQuery(migrationQuery(migrationId))
  const { data: members } = useSuspenseQuery(
    migrationMembersQuery(migrationId, { ...(cursor !== undefined && { cursor }) }),
  )
  const steps = useCursorSteps(cursor, members.nextCursor)
  const { word, tone } = migrationStateOf(migration)
  return (
    <Stack gap={4}>
      <PageHeader
        breadcrumbs={<Link to={paths.migrations}>Migrations</Link>}
        title={`${migration.planKey} to version ${migration.toVersion}`}
        badges={<Badge tone={tone}>{word}</Badge>}
        description={<CopyText text={migration.id} label="migration id" />}
        actions={migration.state === 'running' && <Cancel migration={migration} />}
      />
      <Progress migration={migration} />
      <Card isFlush title="Subscribers">
        <DataTable
          label="Subscribers"
          columns={COLUMNS}
          rows={members.data.map((member) => ({ ...member, migrationId }))}
          rowKey={({ subscriptionId }) => subscriptionId}
          empty={
            <EmptyState
              icon="users"
              title="It was about nobody"
              description="When it began, nobody had a version it was to move."
            />
          }
          footer={<Pagination summary={countOf(members.data.length, 'subscriber')} {...steps} />}
        />
      </Card>
    </Stack>
  )
}

function Progress({ migration }: { readonly migration: Migration }) {
  const { planKey, toVersion, createdAt, finishedAt } = migration
  return (
    <Card title="Progress" description={progressWords(migration)}>
      <KeyValueList
        isStacked
        items={[
          {
            label: 'To',
            value: (
              <Link to={paths.plan} params={{ planKey }} search={{ version: String(toVersion) }}>
                {planKey}, version {toVersion}
              </Link>
            ),
          },
          { label: 'When', value: timingWords(migration) },
          { label: 'Begun', value: <Time at={createdAt} as="date-time" /> },
          {
            label: 'Over',
            value: finishedAt === null ? 'not yet' : <Time at={finishedAt} as="date-time" />,
          },
        ]}
      />
    </Card>
  )
}

function useRefresh() {
  const queryClient = useQueryClient()
  return () =>
    Promise.all(
      ['migrations', 'subscriptions', 'audit'].map((key) =>
        queryClient.invalidateQueries({ queryKey: [key] }),
      ),
    )
}

function LeaveOut({ row }: { readonly row: Row }) {
  const refusal = useRefusal('subscriptions.write')
  const refresh = useRefresh()
  const { migrationId, customerId, customerName, fromVersion, state } = row
  if (!isStillToMove(row)) return null
  return (
    <ConfirmDialog
      title={`Leave ${customerName} where they are?`}
      object={[
        { label: 'Customer', value: customerName },
        { label: 'Version', value: fromVersion },
      ]}
      consequences={[
        'This migration does not move them any more; they are not written to about it again.',
        ...(state === 'scheduled' ? ['The change that is scheduled for them is taken back.'] : []),
      ]}
      verb="Leave out"
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/migrations/{migrationId}/exclude', {
          params: { migrationId },
          body: { customerId },
          idempotencyKey,
        })
        await refresh()
      }}
      trigger={
        <Button size="sm" disabledReason={refusal}>
          Leave out
        </Button>
      }
    />
  )
}

function Cancel({ migration }: { readonly migration: Migration }) {
  const refusal = useRefusal('subscriptions.write')
  const refresh = useRefresh()
  const { id, planKey, toVersion, counts } = migration
  const open = counts.waiting + counts.scheduled
  return (
    <ConfirmDialog
      title="Cancel this migration?"
      object={[
        { label: 'Plan', value: planKey },
        { label: 'To version', value: toVersion },
        { label: 'Still to move', value: countOf(open, 'subscriber') },
      ]}
      consequences={[
        'Whoever is not moved yet stays where they are, though they were told.',
        ...(counts.moved === 0
          ? []
          : [`${countOf(counts.moved, 'subscriber')} moved already and stay there.`]),
      ]}
      verb="Cancel migration"
      dismissLabel="Let it run"
      onConfirm={async ({ idempotencyKey }) => {
        const params = { migrationId: id }
        await client.post('/api/v1/migrations/{migrationId}/cancel', { params, idempotencyKey })
        await refresh()
      }}
      trigger={<Button disabledReason={refusal}>Cancel migration</Button>}
    />
  )
}

import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Badge } from '../../../../ui/badge.tsx'
import { Button } from '../../../../ui/button.tsx'
import { Card } from '../../../../ui/card.tsx'
import { ConfirmDialog } from '../../../../ui/confirm-dialog.tsx'
import { type Column, DataTable, TableSkeleton, withCells } from '../../../../ui/data-table.tsx'
import { EmptyState } from '../../../../ui/empty-state.tsx'
import { ErrorState } from '../../../../ui/error-state.tsx'
import { countOf } from '../../../../ui/format.ts'
import { Link } from '../../../../ui/link.tsx'
import { Pagination } from '../../../../ui/pagination.tsx'
import { Time } from '../../../../ui/time.tsx'
import { client } from '../../../api.ts'
import { ObjectLink } from '../../../object-link.tsx'
import { paths } from '../../../paths.ts'
import { useRefusal } from '../../../permissions.ts'
import { invitationsQuery } from '../../../queries.ts'
import { Invite } from './invite.tsx'
import { type Invitation, standingOf } from './present-invitation.ts'

const HEADS = [
  { key: 'guest', header: 'For' },
  { key: 'state', header: 'State', width: '8rem' },
  { key: 'until', header: 'Until', width: '9rem' },
  { key: 'acceptedBy', header: 'Accepted by', width: '12rem', isSecondary: true },
  { key: 'act', header: '', width: '8rem', align: 'end' },
] as const

const COLUMNS: readonly Column<Invitation>[] = withCells(HEADS, {
  guest: ({ email, customerId }) => email ?? <ObjectLink kind="customer" id={customerId ?? ''} />,
  state: (invitation) => {
    const { word, tone } = standingOf(invitation)
    return <Badge tone={tone}>{word}</Badge>
  },
  until: ({ expiresAt }) => <Time at={expiresAt} as="date" />,
  acceptedBy: ({ acceptedBy }) =>
    acceptedBy === null ? (
      '–'
    ) : (
      <Link to={paths.customer} params={{ customerId: acceptedBy }}>
        one customer
      </Link>
    ),
  act: (invitation) => <TakeBack invitation={invitation} />,
})

interface InvitationsCardProps {
  readonly planKey: string
  readonly isOnSale: boolean
}

/** Who may choose a private plan, or could. */
export function InvitationsCard({ planKey, isOnSale }: InvitationsCardProps) {
  const [cursor, setCursor] = useState<string>()
  const { data, error, refetch } = useQuery(invitationsQuery(planKey, cursor))
  const nextCursor = data?.nextCursor ?? null
  const hasPages = cursor !== undefined || nextCursor !== null
  const invite = <Invite planKey={planKey} isOnSale={isOnSale} />
  return (
    <Card
      isFlush
      title="Invitations"
      actions={data?.data.length === 0 ? undefined : invite}
      footer={
        hasPages ? (
          <Pagination
            summary={countOf(data?.data.length ?? 0, 'invitation')}
            onFirst={cursor === undefined ? undefined : () => setCursor(undefined)}
            onNext={nextCursor === null ? undefined : () => setCursor(nextCursor)}
          />
        ) : undefined
      }
    >
      {error !== null ? (
        <ErrorState error={error} onRetry={() => void refetch()} />
      ) : data === undefined ? (
        <TableSkeleton label="Invitations" heads={HEADS} rows={3} />
      ) : (
        <DataTable
          label="Invitations"
          columns={COLUMNS}
          rows={data.data}
          rowKey={({ id }) => id}
          empty={
            <EmptyState
              icon="mail"
              title="Nobody is invited yet"
              description="The plan is private: customers choose it after accepting an invitation."
              action={invite}
            />
          }
        />
      )}
    </Card>
  )
}

function TakeBack({ invitation }: { readonly invitation: Invitation }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('subscriptions.write')
  const { id, planKey, email, customerId, state } = invitation
  if (state === 'revoked' || state === 'expired') return null
  return (
    <ConfirmDialog
      title="Take the invitation back?"
      object={[{ label: 'For', value: email ?? customerId ?? '' }]}
      consequences={
        state === 'open'
          ? ['The link in the mail stops working.']
          : ['The plan is offered to them no more.', 'A subscription that runs already goes on.']
      }
      verb="Take back"
      onConfirm={async ({ idempotencyKey }) => {
        const params = { invitationId: id }
        await client.post('/api/v1/invitations/{invitationId}/revoke', { params, idempotencyKey })
        await queryClient.invalidateQueries({ queryKey: ['plans', planKey, 'invitations'] })
      }}
      trigger={
        <Button size="sm" disabledReason={refusal}>
          Take back
        </Button>
      }
    />
  )
}

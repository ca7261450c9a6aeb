import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Time } from '../../../ui/time.tsx'
import { memberInvitationsQuery, membersQuery } from '../../queries.ts'
import { InviteMember } from './invite-member.tsx'
import { MemberActions } from './member-actions.tsx'
import { isExpired, type Member, type MemberInvitation, roleName } from './present-member.ts'
import { INVITATION_HEADS, MEMBER_HEADS } from './skeleton.tsx'
import { TakeBackInvitation } from './take-back-invitation.tsx'

const app = getRouteApi('/app')

const MEMBERS: readonly Column<Member>[] = withCells(MEMBER_HEADS, {
  name: (member) => <Name member={member} />,
  email: ({ email }) => email,
  role: ({ role }) => <Badge>{roleName(role)}</Badge>,
  actions: (member) => <MemberActions member={member} />,
})

const INVITATIONS: readonly Column<MemberInvitation>[] = withCells(INVITATION_HEADS, {
  email: ({ email }) => email,
  until: (invitation) => <Until invitation={invitation} />,
  role: ({ role }) => <Badge>{roleName(role)}</Badge>,
  actions: (invitation) => <TakeBackInvitation invitation={invitation} />,
})

/** Who acts for the account, and who was asked to. */
export function PeopleCard() {
  const { data: members } = useSuspenseQuery(membersQuery)
  const { data: invitations } = useSuspenseQuery(memberInvitationsQuery)
  return (
    <>
      <Card
        isFlush
        title="People"
        description="Who acts for this account."
        actions={<InviteMember />}
      >
        <DataTable
          label="People"
          columns={MEMBERS}
          rows={members.data}
          rowKey={({ userId }) => userId}
          empty={null}
        />
      </Card>
      {invitations.data.length > 0 && (
        <Card
          isFlush
          title="Invited"
          description="They have a link by mail and have not joined yet."
        >
          <DataTable
            label="Invited"
            columns={INVITATIONS}
            rows={invitations.data}
            rowKey={({ id }) => id}
            empty={null}
          />
        </Card>
      )}
    </>
  )
}

function Name({ member }: { readonly member: Member }) {
  const { session } = app.useRouteContext()
  if (session.user.id !== member.userId) return member.name
  return (
    <Stack direction="row" gap={2} canWrap>
      {member.name}
      <Badge tone="success">you</Badge>
    </Stack>
  )
}

function Until({ invitation }: { readonly invitation: MemberInvitation }) {
  const isOver = isExpired(invitation, useNow())
  return isOver ? (
    <Badge tone="warning">expired</Badge>
  ) : (
    <Time at={invitation.expiresAt} as="date" />
  )
}

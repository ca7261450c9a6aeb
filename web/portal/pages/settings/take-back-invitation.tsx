import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { client } from '../../api.ts'
import { memberInvitationsQuery } from '../../queries.ts'
import { type MemberInvitation, roleName, whyNotManager } from './present-member.ts'

const app = getRouteApi('/app')

export function TakeBackInvitation({ invitation }: { readonly invitation: MemberInvitation }) {
  const { account } = app.useRouteContext()
  const queryClient = useQueryClient()
  return (
    <ConfirmDialog
      title="Take the invitation back?"
      object={[
        { label: 'For', value: invitation.email },
        { label: 'Role', value: roleName(invitation.role) },
      ]}
      consequences={['The link in the mail stops working.']}
      verb="Take back"
      onConfirm={async ({ idempotencyKey }) => {
        const params = { invitationId: invitation.id }
        const path = '/api/v1/portal/member-invitations/{invitationId}/revoke'
        const left = await client.post(path, { params, idempotencyKey })
        queryClient.setQueryData(memberInvitationsQuery.queryKey, left)
      }}
      trigger={
        <Button size="sm" disabledReason={whyNotManager(account.role)}>
          Take back
        </Button>
      }
    />
  )
}

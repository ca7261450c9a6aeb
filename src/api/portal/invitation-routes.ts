import { formatInstant } from '../../kit/instant.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'

/** Following the link of an invitation to a private plan. */
export function portalInvitationRoutes({ accounts, invitations }: Services): Implementation[] {
  return [
    implement(contract.readInvitation, async ({ body }, { caller: { mode }, user }) => {
      const [membership] = await accounts.memberships(mode, user.userId)
      const visitor = { email: user.email, customerId: membership?.customerId ?? null }
      const { invitation, plan } = await invitations.read(mode, body.token, visitor)
      return {
        planKey: plan.planKey,
        planName: plan.definition.name,
        expiresAt: formatInstant(invitation.expiresAt),
      }
    }),
    implement(contract.acceptInvitation, async ({ body }, { caller, customerId, user }) => {
      const { planKey } = await invitations.accept(caller, body.token, user.email, customerId)
      return { planKey }
    }),
  ]
}

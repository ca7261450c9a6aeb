import { formatInstant, type Instant } from '../../kit/instant.ts'
import { type Invitation, stateOf } from '../../domain/invitations/invitation.ts'
import { contract } from '../contract/contract.ts'
import { implement, type Implementation } from '../http/implement.ts'
import type { Services } from '../services.ts'
import { iso } from '../to-api.ts'

/** Who may choose a private plan. */
export function invitationRoutes({ catalog, clocks, invitations }: Services): Implementation[] {
  return [
    implement(contract.invite, async ({ params: { planKey }, body }, { caller }) => {
      const { email, customerId = '', expiresInDays } = body
      const guest =
        email === undefined
          ? { kind: 'customer' as const, customerId }
          : { kind: 'address' as const, email: email.toLowerCase() }
      const invitation = await invitations.invite(caller, { planKey, guest, expiresInDays })
      return toApi(invitation, clocks.now(caller.mode))
    }),
    implement(contract.listInvitations, async ({ params, query }, { caller: { mode } }) => {
      await catalog.versions(mode, params.planKey)
      const { data, nextCursor } = await invitations.list(mode, params.planKey, query)
      const now = clocks.now(mode)
      return { data: data.map((invitation) => toApi(invitation, now)), nextCursor }
    }),
    implement(contract.revokeInvitation, async ({ params }, { caller }) =>
      toApi(await invitations.revoke(caller, params.invitationId), clocks.now(caller.mode)),
    ),
  ]
}

function toApi(invitation: Invitation, now: Instant) {
  const { id, planKey, guest, createdAt, expiresAt, acceptedAt, acceptedBy, revokedAt } = invitation
  return {
    id,
    planKey,
    email: guest.kind === 'address' ? guest.email : null,
    customerId: guest.kind === 'customer' ? guest.customerId : null,
    state: stateOf(invitation, now),
    createdAt: formatInstant(createdAt),
    expiresAt: formatInstant(expiresAt),
    acceptedAt: iso(acceptedAt),
    acceptedBy,
    revokedAt: iso(revokedAt),
  }
}

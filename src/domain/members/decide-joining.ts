import type { Instant } from '../../kit/instant.ts'
import { REASONS, type Visitor } from '../invitations/decide-acceptance.ts'
import { stateOf } from '../invitations/invitation.ts'
import type { MemberInvitation } from './member-invitation.ts'

export type JoiningDecision =
  | { readonly kind: 'join'; readonly invitation: MemberInvitation }
  | { readonly kind: 'refused'; readonly reason: string }

/** Whose it is comes first: a stranger learns nothing of what became of it. */
export function decideJoining(
  invitation: MemberInvitation | undefined,
  visitor: Visitor,
  now: Instant,
): JoiningDecision {
  if (invitation === undefined) return refuse(REASONS.unknown)
  if (invitation.email !== visitor.email.toLowerCase()) return refuse(REASONS.otherAddress)
  const state = stateOf(invitation, now)
  if (state !== 'open') return refuse(REASONS[state])
  if (visitor.customerId === invitation.customerId) {
    return refuse('You act for this account already.')
  }
  if (visitor.customerId !== null) {
    return refuse('You act for another account already; ask to be invited with another address.')
  }
  return { kind: 'join', invitation }
}

function refuse(reason: string): JoiningDecision {
  return { kind: 'refused', reason }
}

import type { Instant } from '../../kit/instant.ts'
import { type Invitation, type InvitationState, stateOf } from './invitation.ts'

/** Who follows the link. */
export interface Visitor {
  readonly email: string
  /** The account they act for; null while they have none. */
  readonly customerId: string | null
}

export type AcceptanceDecision =
  | { readonly kind: 'accept'; readonly invitation: Invitation }
  | { readonly kind: 'refused'; readonly reason: string }

/** Why a link opens nothing, whatever it is for. */
export const REASONS = {
  unknown: 'There is no such invitation, or another replaced it.',
  otherAddress: 'It is for another address: sign in with the one it was sent to.',
  accepted: 'It has been accepted already.',
  expired: 'It has expired. Ask for another one.',
  revoked: 'It was taken back.',
} as const satisfies Record<Exclude<InvitationState, 'open'> | 'unknown' | 'otherAddress', string>

/** Whose it is comes first: a stranger learns nothing of what became of it. */
export function decideAcceptance(
  invitation: Invitation | undefined,
  visitor: Visitor,
  now: Instant,
): AcceptanceDecision {
  if (invitation === undefined) return refuse(REASONS.unknown)
  const { guest } = invitation
  if (guest.kind === 'address' && guest.email !== visitor.email.toLowerCase()) {
    return refuse(REASONS.otherAddress)
  }
  if (guest.kind === 'customer' && guest.customerId !== visitor.customerId) {
    return refuse('It is for another account.')
  }
  const state = stateOf(invitation, now)
  return state === 'open' ? { kind: 'accept', invitation } : refuse(REASONS[state])
}

function refuse(reason: string): AcceptanceDecision {
  return { kind: 'refused', reason }
}

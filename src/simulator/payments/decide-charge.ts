import { type Decline, type DeclineName, DECLINES } from './declines.ts'
import type { TestCard } from './test-cards.ts'

export interface ChargeSituation {
  readonly card: TestCard
  /**
   * Whether the customer can be asked: now, not at all, or later by a message (an invoice's automatic payment, whose page
   * stays open for it).
   */
  readonly presence: 'on_session' | 'off_session' | 'deferred'
  /** The challenge of this very payment was passed. */
  readonly isAuthenticated: boolean
  /** The card was set up for later use, with whatever authentication that took. */
  readonly isSetUp: boolean
  /** `request_three_d_secure` of any or challenge. */
  readonly isChallengeRequested: boolean
  /** A decline ordered through the control API. */
  readonly orderedDecline: DeclineName | null
}

export type ChargeDecision =
  | { readonly kind: 'approve' }
  | { readonly kind: 'challenge' }
  | { readonly kind: 'decline'; readonly decline: Decline }

/** What the card's issuer does with a payment. */
export function decideCharge(situation: ChargeSituation): ChargeDecision {
  const { card, presence, isAuthenticated, orderedDecline } = situation
  if (orderedDecline !== null) return { kind: 'decline', decline: DECLINES[orderedDecline] }
  if (!isAuthenticated && wantsChallenge(situation)) {
    return presence === 'off_session'
      ? { kind: 'decline', decline: DECLINES.authentication_required }
      : { kind: 'challenge' }
  }
  if (card.chargeDecline !== null) {
    return { kind: 'decline', decline: DECLINES[card.chargeDecline] }
  }
  return { kind: 'approve' }
}

function wantsChallenge({
  card,
  presence,
  isSetUp,
  isChallengeRequested,
}: ChargeSituation): boolean {
  const isOnSession = presence === 'on_session'
  if (isChallengeRequested && isOnSession) return true
  switch (card.challenge) {
    case 'not_required':
      return false
    case 'always':
      return true
    case 'on_session':
      return isOnSession
    case 'until_set_up':
      return !isSetUp
  }
}

/** What the issuer does when the card is saved without a payment. */
export function decideSetup(situation: {
  readonly card: TestCard
  readonly isAuthenticated: boolean
  readonly isChallengeRequested: boolean
}): ChargeDecision {
  const { card, isAuthenticated, isChallengeRequested } = situation
  const wantsIt = card.challenge !== 'not_required' || isChallengeRequested
  if (!isAuthenticated && wantsIt) return { kind: 'challenge' }
  if (card.attachDecline !== null) {
    return { kind: 'decline', decline: DECLINES[card.attachDecline] }
  }
  return { kind: 'approve' }
}

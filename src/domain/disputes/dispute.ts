import { assertNever } from '../../kit/assert.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Money } from '../../kit/money.ts'
import type { Evidence, StripeDispute } from '../../stripe/disputes.ts'
import type { DisputeStanding } from '../payments/payment.ts'

/** A payment its payer denies, as the bank sees it. */
export interface Dispute {
  readonly mode: Mode
  readonly id: string
  readonly paymentId: string
  readonly customerId: string
  readonly amount: Money
  readonly feeMinor: bigint
  readonly reason: string
  readonly networkReasonCode: string | null
  readonly state: StripeDispute['status']
  readonly evidenceDueAt: Instant | null
  readonly evidence: Evidence
  readonly evidenceState: 'none' | 'drafted' | 'submitting' | 'submitted'
  readonly submittedAt: Instant | null
  readonly remindedAt: Instant | null
  readonly stripeDisputeId: string
  readonly providerTicket: bigint
  readonly openedAt: Instant
  readonly closedAt: Instant | null
}

/** What a dispute means for its payment. Inquiries, and what was prevented, move no money. */
export function standingOf(state: Dispute['state']): DisputeStanding {
  switch (state) {
    case 'warning_needs_response':
    case 'warning_under_review':
    case 'warning_closed':
    case 'prevented':
      return 'none'
    case 'needs_response':
    case 'under_review':
      return 'open'
    case 'won':
    case 'lost':
      return state
    default:
      return assertNever(state)
  }
}

export function isClosed(state: Dispute['state']): boolean {
  return ['warning_closed', 'won', 'lost', 'prevented'].includes(state)
}

const WORST: readonly DisputeStanding[] = ['lost', 'open', 'won']

/** Of several disputes about one payment the worst counts. */
export function worstStanding(states: readonly Dispute['state'][]): DisputeStanding {
  const standings = new Set(states.map(standingOf))
  return WORST.find((standing) => standings.has(standing)) ?? 'none'
}

export function canAnswer({ state, evidenceState }: Dispute): boolean {
  const isOpen = state === 'needs_response' || state === 'warning_needs_response'
  return isOpen && evidenceState !== 'submitted' && evidenceState !== 'submitting'
}

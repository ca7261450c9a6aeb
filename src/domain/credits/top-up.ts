import { add, type Decimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { startOfCalendar } from '../../kit/period.ts'

/** Buys credits by itself when the balance falls below a threshold. */
export interface TopUpPolicy {
  readonly isEnabled: boolean
  readonly threshold: Decimal
  readonly amount: Decimal
  /** Limits on the sum of a calendar day and month in the customer's time zone; null is none. */
  readonly maximumPerDay: Decimal | null
  readonly maximumPerMonth: Decimal | null
}

export interface TopUpAttempt {
  readonly at: Instant
  readonly amount: Decimal
  readonly state: 'pending' | 'succeeded' | 'failed'
}

export interface TopUpState {
  readonly available: Decimal
  /** The attempts of this month at least, and the last one whenever it was. */
  readonly attempts: readonly TopUpAttempt[]
  /** How many there have ever been. */
  readonly attemptCount: number
  /** When the customer last confirmed the policy or a payment method; a failure before that is forgiven. */
  readonly confirmedAt: Instant
  readonly timeZone: string
}

export type TopUpDecision =
  | { readonly kind: 'top_up'; readonly amount: Decimal; readonly sequence: number }
  | { readonly kind: 'skip'; readonly reason: TopUpSkipReason }

export type TopUpSkipReason =
  | 'disabled'
  | 'above_threshold'
  | 'in_flight'
  | 'stopped_after_failure'
  | 'daily_maximum'
  | 'monthly_maximum'

/**
 * Whether to buy now. One purchase at a time, and none after a failed payment until the customer has looked at it:
 * a card that was declined once is not asked again at every request. `sequence` makes the attempt's unique key.
 */
export function decideTopUp(policy: TopUpPolicy, state: TopUpState, now: Instant): TopUpDecision {
  const reason = skipReason(policy, state, now)
  if (reason !== undefined) return { kind: 'skip', reason }
  return { kind: 'top_up', amount: policy.amount, sequence: state.attemptCount + 1 }
}

function skipReason(
  policy: TopUpPolicy,
  { available, attempts, confirmedAt, timeZone }: TopUpState,
  now: Instant,
): TopUpSkipReason | undefined {
  if (!policy.isEnabled) return 'disabled'
  if (available >= policy.threshold) return 'above_threshold'
  if (attempts.some(({ state }) => state === 'pending')) return 'in_flight'
  const last = attempts.toSorted((a, b) => a.at - b.at).at(-1)
  if (last?.state === 'failed' && last.at >= confirmedAt) return 'stopped_after_failure'
  const boughtSince = (since: Instant) =>
    attempts
      .filter(({ at, state }) => at >= since && state === 'succeeded')
      .reduce((sum, { amount }) => add(sum, amount), ZERO)
  const exceeds = (maximum: Decimal | null, unit: 'day' | 'month') =>
    maximum !== null &&
    add(boughtSince(startOfCalendar(now, unit, timeZone)), policy.amount) > maximum
  if (exceeds(policy.maximumPerDay, 'day')) return 'daily_maximum'
  return exceeds(policy.maximumPerMonth, 'month') ? 'monthly_maximum' : undefined
}

import type { Instant } from '../../../kit/instant.ts'
import type { SubscriptionOverrides } from '../overrides.ts'

/**
 * One stay of a subscription on one plan version, from a start, a change or a migration to the next. The subscription's
 * row says what is in force now; the stays say what was, which old invoices and late usage depend on.
 */
export interface Stay {
  readonly subscriptionId: string
  readonly ordinal: number
  readonly planVersionId: string
  /** Where in the plan it began; null with the first phase. */
  readonly startingPhaseKey: string | null
  readonly startsAt: Instant
  readonly endsAt: Instant | null
  readonly startsBy: 'subscribe' | 'change' | 'migrate' | 'override' | 'resume'
  readonly endsBy: 'change' | 'migrate' | 'override' | 'cancel' | 'pause' | null
  readonly feesFrom: Instant | null
  /** Null: the plan's alignment decides. */
  readonly billingAnchor: Instant | null
  readonly usageAnchor: Instant | null
  /** When the starting phase ends, where that is not what its duration says. */
  readonly phaseEndsAt: Instant | null
  /** We billed its first period, and Stripe's subscription bills from the second on. */
  readonly isOpenedHere: boolean
  readonly overrides: SubscriptionOverrides
}

export type StayInput = Omit<Stay, 'ordinal' | 'endsAt' | 'endsBy'>

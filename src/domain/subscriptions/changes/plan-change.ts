import type { Instant } from '../../../kit/instant.ts'

/** A change of a subscription's plan, from its quote to its end. */
export interface PlanChange {
  readonly id: string
  readonly customerId: string
  readonly subscriptionId: string
  readonly targetVersionId: string
  readonly startsBy: 'change' | 'migrate'
  readonly state: ChangeState
  readonly way: ChangeWay
  readonly subscriptionVersion: number
  readonly hash: string
  readonly quote: StoredQuote
  readonly quotedAt: Instant
  readonly effectiveAt: Instant
  readonly expiresAt: Instant
  readonly stripeInvoiceId: string | null
  readonly stripeScheduleId: string | null
  readonly paymentUrl: string | null
  readonly hasLooseEnds: boolean
  readonly error: string | null
  readonly createdAt: Instant
}

export type ChangeState =
  | 'quoted'
  /** Stripe has been asked, or is about to be. */
  | 'executing'
  /** The old plan stays until the change is paid for. */
  | 'awaiting_payment'
  | 'scheduled'
  | 'applied'
  | 'canceled'
  | 'failed'

/** Who carries it out. */
export type ChangeWay =
  /** The Stripe subscription gets other prices. */
  | 'in_stripe'
  /** The Stripe subscription ends, and a plan without charges takes its place. */
  | 'leave_stripe'
  /** Nobody but us bills either plan. */
  | 'here'
  /** A plan without charges is left for one that is paid for on a payment page. */
  | 'checkout'

/** What the quote decided about the subscription after the change. */
export interface StoredQuote {
  readonly timing: 'immediate' | 'at_period_end'
  readonly direction: 'upgrade' | 'downgrade' | 'lateral'
  readonly after: {
    readonly phaseKey: string
    readonly billingAnchor: Instant
    readonly usageAnchor: Instant
    readonly feesFrom: Instant | null
  }
  /** The new plan's periods begin with the change, wherever the old ones stood. */
  readonly resetsAnchor: boolean
  /** What the customer was told they would be charged at once, in minor units. */
  readonly amountDue: string
}

const OPEN: ReadonlySet<ChangeState> = new Set(['executing', 'awaiting_payment', 'scheduled'])

/** Under way: a second one has to wait, or take its place. */
export function isOpenChange({ state }: Pick<PlanChange, 'state'>): boolean {
  return OPEN.has(state)
}

import { DAY_MS, type Instant } from '../../../kit/instant.ts'
import type { SubscriptionOverrides } from '../overrides.ts'
import type { AddOnChoice } from '../subscription.ts'

/** A change of a subscription's plan, from its quote to its end. */
export interface PlanChange {
  readonly id: string
  readonly customerId: string
  readonly subscriptionId: string
  readonly targetVersionId: string
  /** What there is on top of it afterwards. */
  readonly addOns: readonly AddOnChoice[]
  /** Null where the plan and its terms stay as they are and only add-ons change. */
  readonly startsBy: 'change' | 'migrate' | 'override' | null
  readonly state: ChangeState
  readonly way: ChangeWay
  readonly subscriptionVersion: number
  readonly hash: string
  readonly quote: StoredQuote
  readonly quotedAt: Instant
  readonly effectiveAt: Instant
  readonly expiresAt: Instant
  /** Ours, with the fees and credits of the change, where we carry it out. */
  readonly invoiceId: string | null
  readonly stripeInvoiceId: string | null
  readonly stripeScheduleId: string | null
  /** Stripe's subscription that billed the old plan. Its end is not the end of ours. */
  readonly leftStripeId: string | null
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
  /** Scheduled terms while add-ons are bought: they are scheduled again once that has come to its end. */
  | 'set_aside'
  | 'applied'
  | 'canceled'
  | 'failed'

/** Who carries it out. */
export type ChangeWay =
  /** The Stripe subscription gets other prices. */
  | 'in_stripe'
  /** The subscription ends, and one to a plan without charges takes its place. */
  | 'leave'
  /**
   * We do: whatever it costs is an invoice of ours. Where Stripe's subscription billed the old plan it ends, and where
   * one is to bill the new plan it begins.
   */
  | 'here'
  /** A plan without charges is left for one that is paid for on a payment page. */
  | 'checkout'

/** What the quote decided about the subscription after the change. */
export interface StoredQuote {
  readonly timing: 'immediate' | 'at_period_end'
  readonly direction: 'upgrade' | 'downgrade' | 'lateral'
  readonly after: {
    readonly phaseKey: string
    readonly phaseEndsAt: Instant | null
    readonly billingAnchor: Instant
    readonly usageAnchor: Instant
    readonly feesFrom: Instant | null
    readonly overrides: SubscriptionOverrides
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

/**
 * Stripe manages what it has a schedule for, and lets nobody else change it. Terms that were agreed from the next period on
 * are ours alone until its last day, so that they stand in nobody's way.
 */
export const SCHEDULED_AHEAD_MS = DAY_MS

/** Scheduled terms of the plan there is do not keep anybody from leaving it. */
export function givesWay({ startsBy, state }: Pick<PlanChange, 'startsBy' | 'state'>): boolean {
  return startsBy === 'override' && state === 'scheduled'
}

/**
 * Scheduled terms that Stripe has not heard of wait while add-ons are bought. That comes to its end within a day, and so
 * before they count.
 */
export function letsAddOnsBy(
  change: Pick<PlanChange, 'startsBy' | 'state' | 'stripeScheduleId' | 'effectiveAt'>,
  now: Instant,
): boolean {
  const isAhead = change.effectiveAt - now > SCHEDULED_AHEAD_MS
  return givesWay(change) && change.stripeScheduleId === null && isAhead
}

/** Other terms of the same plan leave what is on top of it as it is by then. */
export function addOnsAfter(
  { startsBy, addOns }: Pick<PlanChange, 'startsBy' | 'addOns'>,
  subscription: { readonly addOns: readonly AddOnChoice[] },
): readonly AddOnChoice[] {
  return startsBy === 'override' ? subscription.addOns : addOns
}

import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { PlanChange } from './plan-change.ts'

/** A Stripe subscription's item with the price of ours it stands for, if it is one of ours. */
export interface KnownItem {
  readonly itemId: string
  readonly priceId: string
  readonly entityId: string | null
  readonly isMetered: boolean
}

export type Arrival = 'arrived' | 'waiting' | 'gone'

/**
 * Whether the change that is under way has taken effect in Stripe. The fees tell: usage prices of the old plan are taken
 * off later. A change that waits for its payment and is pending no longer was not paid in time.
 */
export function arrivalOf(
  change: Pick<PlanChange, 'state' | 'way'>,
  stripe: Pick<StripeSubscription, 'pendingUpdateExpiresAt'>,
  items: readonly KnownItem[],
  wanted: readonly { readonly entityId: string; readonly isMetered: boolean }[],
): Arrival {
  if (change.way !== 'in_stripe') return 'waiting'
  const has = new Set(items.map(({ entityId }) => entityId))
  const fees = new Set(wanted.filter(({ isMetered }) => !isMetered).map(({ entityId }) => entityId))
  const isComplete = wanted.every(({ entityId }) => has.has(entityId))
  const isAlone = items.every(
    ({ entityId, isMetered }) => isMetered || (entityId !== null && fees.has(entityId)),
  )
  if (isComplete && isAlone) return 'arrived'
  return change.state === 'awaiting_payment' && stripe.pendingUpdateExpiresAt === null
    ? 'gone'
    : 'waiting'
}

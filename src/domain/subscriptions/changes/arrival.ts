import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import type { PlanPrice } from '../stripe-prices.service.ts'
import type { PlanChange } from './plan-change.ts'

/** A Stripe subscription's item with the price of ours it stands for, if it is one of ours. */
export interface KnownItem {
  readonly itemId: string
  readonly priceId: string
  readonly entityId: string | null
  readonly isMetered: boolean
  /** How often it is charged; 1 for whatever is metered. */
  readonly quantity: number
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
  wanted: readonly Pick<PlanPrice, 'entityId' | 'isMetered' | 'quantity'>[],
): Arrival {
  if (change.way !== 'in_stripe') return 'waiting'
  const has = new Map(items.map(({ entityId, quantity }) => [entityId, quantity]))
  const fees = new Set(wanted.filter(({ isMetered }) => !isMetered).map(({ entityId }) => entityId))
  const isComplete = wanted.every(({ entityId, quantity }) => has.get(entityId) === quantity)
  const isAlone = items.every(
    ({ entityId, isMetered }) => isMetered || (entityId !== null && fees.has(entityId)),
  )
  if (isComplete && isAlone) return 'arrived'
  return change.state === 'awaiting_payment' && stripe.pendingUpdateExpiresAt === null
    ? 'gone'
    : 'waiting'
}

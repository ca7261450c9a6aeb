import { sha256Hex } from '../../../kit/crypto.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { SchedulePhase } from '../../../stripe/subscription-changes.ts'
import type { KnownItem } from '../../subscriptions/changes/arrival.ts'
import type { PlanPrice } from '../../subscriptions/stripe-prices.service.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'

/** What Stripe was asked to charge in the later phases of a subscription's plan. */
export interface PhaseSchedule {
  readonly subscriptionId: string
  /** Of one attempt at asking; the next one has another, because Stripe answers the same question once. */
  readonly attemptId: string
  /** While it is asked for, or let go, whatever schedule Stripe has is one of these. */
  readonly state: 'asking' | 'set' | 'none'
  readonly stripeScheduleId: string | null
  /** What the subscription was charged to when it was made: each phase puts that back. */
  readonly stripePaymentMethodId: string | null
  readonly hash: string | null
  /** The subscription's when that was decided; 0 is no decision. */
  readonly subscriptionVersion: number
  /** Until then, by this machine's clock, somebody asks Stripe about the subscription. */
  readonly apartUntil: Instant | null
  readonly updatedAt: Instant
}

/** A phase that lies ahead, and what Stripe is to charge from its start on. */
export interface ComingPhase {
  readonly startsAt: Instant
  readonly prices: readonly PlanPrice[]
}

/** The same for the same phases, whoever works it out; null for none. */
export function hashOfPhases(
  { collection }: Pick<Subscription, 'collection'>,
  coming: readonly ComingPhase[],
): string | null {
  if (coming.length === 0) return null
  const phases = coming.map(({ startsAt, prices }) => [
    startsAt,
    prices.map(({ priceId, quantity }) => [priceId, quantity]),
  ])
  // A schedule puts back how invoices were collected when it was made.
  return sha256Hex(JSON.stringify([collection, phases]))
}

/** What the subscription has now, until the first phase that lies ahead, then those one after the other. */
export function schedulePhases(
  current: Pick<SchedulePhase, 'items' | 'discountIds' | 'collection'>,
  coming: readonly ComingPhase[],
  /** How those are collected that lie ahead. */
  collection = current.collection,
): SchedulePhase[] {
  const { discountIds } = current
  return [
    { ...current, oneTimePriceIds: [], endsAt: coming[0]?.startsAt ?? null },
    ...coming.map(({ prices }, i) => ({
      discountIds,
      collection,
      items: prices.filter(({ isOnce }) => !isOnce),
      oneTimePriceIds: prices.filter(({ isOnce }) => isOnce).map(({ priceId }) => priceId),
      endsAt: coming[i + 1]?.startsAt ?? null,
    })),
  ]
}

/** Stripe renewed with the fees of another phase than the one it is in: nobody had told it in time. */
export function isBehind(
  planKey: string,
  items: readonly Pick<KnownItem, 'entityId' | 'isMetered'>[],
  wanted: readonly Pick<PlanPrice, 'entityId' | 'isMetered' | 'isOnce'>[],
): boolean {
  const isOfPlan = (entityId: string | null) => entityId?.startsWith(`${planKey}/`) === true
  const has = items.filter(({ entityId, isMetered }) => !isMetered && isOfPlan(entityId))
  const fees = wanted.filter(
    ({ entityId, isMetered, isOnce }) => !isMetered && !isOnce && isOfPlan(entityId),
  )
  return has.some(({ entityId }) => fees.every((fee) => fee.entityId !== entityId))
}

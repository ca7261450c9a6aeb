import type { Instant } from '../../../kit/instant.ts'
import type { StripeCollection } from '../../../stripe/invoices.ts'
import type { StripeChange, StripeItemChange } from '../../../stripe/subscription-changes.ts'
import type { StripeSubscription } from '../../../stripe/subscriptions.ts'
import {
  firstPaidPhase,
  isFreePhase,
  phaseOf,
  type PlanDefinition,
  type PlanPhase,
  type ProrationPolicy,
} from '../../catalog/plan.ts'
import { overriddenPhase, type SubscriptionOverrides } from '../overrides.ts'
import type { PlanPrice } from '../stripe-prices.service.ts'
import type { KnownItem } from './arrival.ts'

export interface StripeChangeFacts {
  readonly items: readonly KnownItem[]
  /** What the new plan consists of. */
  readonly wanted: readonly PlanPrice[]
  readonly policy: ProrationPolicy
  readonly at: Instant
  readonly isTrial: boolean
  readonly waitsForPayment: boolean
  readonly collection: StripeCollection | null
}

/** What a subscription consists of in Stripe: in a trial it has the prices it will pay behind it. */
export function phaseInStripe(
  definition: PlanDefinition,
  { phaseKey, overrides }: { readonly phaseKey: string; readonly overrides: SubscriptionOverrides },
): PlanPhase {
  const current = phaseOf(definition, phaseKey)
  const phase = isFreePhase(current) ? (firstPaidPhase(definition) ?? current) : current
  return overriddenPhase(phase, overrides)
}

/**
 * The change as it is asked of Stripe. Fees are exchanged; usage prices of the new plan are added, those of the old one
 * stay until the change has taken effect, because Stripe would bill their usage at once and not to the second of the
 * quote.
 */
export function decideStripeChange(facts: StripeChangeFacts): StripeChange {
  const { items, wanted, policy, at, isTrial, waitsForPayment, collection } = facts
  const oldFees = items.filter(({ isMetered }) => !isMetered)
  const newFees = wanted.filter(({ isMetered, isOnce }) => !isMetered && !isOnce)
  const isThere = ({ priceId }: PlanPrice) => items.some((item) => item.priceId === priceId)
  // Of the same price only the quantity can be another, and its item stays.
  const kept = oldFees.flatMap((item) => {
    const fee = newFees.find(({ priceId }) => priceId === item.priceId)
    return fee === undefined ? [] : [{ item, fee }]
  })
  const recounted = kept.flatMap(({ item: { itemId, quantity }, fee }): StripeItemChange[] =>
    quantity === fee.quantity ? [] : [replace(itemId, fee)],
  )
  const going = oldFees.filter((item) => !kept.some((each) => each.item === item))
  const coming = newFees.filter((fee) => !isThere(fee))
  const exchanged = going.map(({ itemId }, i): StripeItemChange => {
    const fee = coming[i]
    return fee === undefined ? { kind: 'remove', itemId } : replace(itemId, fee)
  })
  const added = [
    ...coming.slice(going.length),
    ...wanted.filter((price) => price.isMetered && !isThere(price)),
  ].map(({ priceId, isMetered, quantity }): StripeItemChange => {
    return { kind: 'add', priceId, isMetered, quantity }
  })
  return {
    items: [...recounted, ...exchanged, ...added],
    prorates: policy.mode === 'time_based' || policy.mode === 'full_reset',
    at,
    resetsAnchor: policy.anchor === 'reset' && !isTrial,
    endsTrial: isTrial,
    oneTimePriceIds: wanted.filter(({ isOnce }) => isOnce).map(({ priceId }) => priceId),
    waitsForPayment,
    collection,
  }
}

/**
 * What is left to take off once the change has taken effect: usage prices of the old plan. One that both versions share
 * is taken off and put on again, so that it begins at nothing: what it counted is rated here.
 */
export function decideTidying(
  items: readonly KnownItem[],
  wanted: readonly PlanPrice[],
  isInsidePeriod: boolean,
  isSharedPossible: boolean,
): StripeItemChange[] {
  return items
    .filter(({ isMetered }) => isMetered)
    .flatMap(({ itemId, priceId }): StripeItemChange[] => {
      const isWanted = wanted.some((price) => price.priceId === priceId)
      if (!isWanted) return [{ kind: 'remove', itemId }]
      if (!isInsidePeriod || !isSharedPossible) return []
      return [
        { kind: 'remove', itemId },
        { kind: 'add', priceId, isMetered: true, quantity: 1 },
      ]
    })
}

/** How Stripe collects a subscription now. */
export function collectionIn(
  stripe: Pick<StripeSubscription, 'collection' | 'daysUntilDue'> | undefined,
): StripeCollection {
  return stripe?.collection === 'send_invoice'
    ? { method: stripe.collection, daysUntilDue: stripe.daysUntilDue ?? 0 }
    : { method: 'charge_automatically' }
}

/** Null where it stays as it is. */
export function changedCollection(
  { collection, daysUntilDue }: Pick<StripeSubscription, 'collection' | 'daysUntilDue'>,
  wanted: StripeCollection,
): StripeCollection | null {
  const isSame =
    wanted.method === collection &&
    (wanted.method === 'charge_automatically' || wanted.daysUntilDue === daysUntilDue)
  return isSame ? null : wanted
}

function replace(itemId: string, { priceId, quantity }: PlanPrice): StripeItemChange {
  return { kind: 'replace', itemId, priceId, quantity }
}

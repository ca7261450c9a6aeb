import { rateItem } from '../billing/line-drafts.ts'
import { totalOf } from '../billing/pricing.ts'
import { isMeteredPrice } from '../billing/subscription-items.ts'
import { itemsOf } from '../billing/subscription-work.ts'
import { termsIn } from '../catalog/price-terms.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { BillingPortalConfiguration } from '../stripe.generated.ts'

type Subscription = Documents['subscription']
type Item = Documents['subscription_item']
type UpdateFeature = BillingPortalConfiguration['features']['subscription_update']

/** The item customers can change, or why they cannot change this subscription themselves. */
export function switchableItem(
  tx: Transaction,
  subscription: Subscription,
): { readonly item: Item } | { readonly reason: string } {
  const [item, ...others] = itemsOf(tx, subscription.id)
  if (item === undefined || others.length > 0) {
    return { reason: 'A subscription to several products cannot be changed here.' }
  }
  if (isMeteredPrice(tx, item.price)) {
    return { reason: 'A subscription billed by usage cannot be changed here.' }
  }
  if (subscription.schedule !== null) {
    return { reason: 'A change of this subscription is planned already.' }
  }
  if (subscription.cancel_at !== null) {
    return { reason: 'This subscription is about to end. Renew it first.' }
  }
  if (!['active', 'trialing', 'past_due'].includes(subscription.status)) {
    return { reason: 'This subscription cannot be changed now.' }
  }
  return { item }
}

export interface PlanChoice {
  readonly price: Documents['price']
  readonly product: Documents['product']
  readonly isCurrent: boolean
  /** Bounds of the quantity, where customers choose it. */
  readonly quantity: { readonly minimum: number; readonly maximum: number | null } | null
}

/** What a subscription can be changed to: what the configuration offers in its currency, its own price first. */
export function planChoices(
  tx: Transaction,
  feature: UpdateFeature,
  subscription: Subscription,
  item: Item,
): readonly PlanChoice[] {
  const allowsPrice = feature.default_allowed_updates.includes('price')
  const allowsQuantity = feature.default_allowed_updates.includes('quantity')
  const choices: PlanChoice[] = []
  for (const offer of feature.products ?? []) {
    const product = tx.get('product', offer.product)
    for (const id of offer.prices) {
      const price = tx.get('price', id)
      const isCurrent = id === item.price
      const isSold =
        price.active &&
        product.active &&
        price.recurring?.usage_type === 'licensed' &&
        termsIn(price, subscription.currency) !== undefined
      if (!isCurrent && !(isSold && allowsPrice)) continue
      choices.push({
        price,
        product,
        isCurrent,
        quantity:
          allowsQuantity && offer.adjustable_quantity.enabled ? offer.adjustable_quantity : null,
      })
    }
  }
  return choices.toSorted((a, b) => Number(b.isCurrent) - Number(a.isCurrent))
}

const MEAN_DAYS = { day: 1, week: 7, month: 30.4, year: 365.2 } as const

/** Whether the configuration lets a change wait for the end of the period. Only within one product, as at Stripe. */
export function waitsForPeriodEnd(
  tx: Transaction,
  feature: UpdateFeature,
  subscription: Subscription,
  item: Item,
  next: { readonly price: string; readonly quantity: number | undefined },
): boolean {
  const [from, to] = [tx.get('price', item.price), tx.get('price', next.price)]
  if (from.product !== to.product || subscription.status === 'trialing') return false
  const cost = (priced: Item): number => totalOf(rateItem(tx, priced, subscription.currency))
  const length = ({ recurring }: Documents['price']): number =>
    recurring === null ? 0 : MEAN_DAYS[recurring.interval] * recurring.interval_count
  return feature.schedule_at_period_end.conditions.some(({ type }) =>
    type === 'shortening_interval'
      ? length(to) < length(from)
      : length(to) === length(from) &&
        cost({ ...item, price: to.id, quantity: next.quantity ?? item.quantity }) < cost(item),
  )
}

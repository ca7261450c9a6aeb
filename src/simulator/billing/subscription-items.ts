import { toPlan } from '../catalog/plan-view.ts'
import { createPrice } from '../catalog/price-creation.ts'
import { termsIn } from '../catalog/price-terms.ts'
import type { DiscountReference } from '../catalog/discounts.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Price, SubscriptionItem, TaxRate } from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { type BillingPeriod, isSameRhythm, type Recurrence } from './periods.ts'
import { isUnset } from '../wire/changed.ts'

export const MAX_ITEMS = 20

/** What an item is to be, before there is a subscription. */
export interface ItemSpec {
  readonly price: string
  readonly quantity: number | undefined
  readonly metadata: Readonly<Record<string, string>>
  readonly taxRates: readonly string[] | null
  readonly discounts: readonly DiscountReference[]
}

interface GivenPriceData {
  readonly currency: string
  readonly product: string
  readonly recurring: {
    readonly interval: Recurrence['interval']
    readonly interval_count?: number | undefined
  }
  readonly tax_behavior?: 'unspecified' | 'exclusive' | 'inclusive' | undefined
  readonly unit_amount?: number | undefined
  readonly unit_amount_decimal?: string | undefined
}

interface GivenItem {
  readonly price?: string | undefined
  readonly plan?: string | null | undefined
  readonly price_data?: GivenPriceData | undefined
  readonly quantity?: number | undefined
  readonly metadata?: Readonly<Record<string, string>> | null | undefined
  readonly tax_rates?: readonly string[] | null | undefined
  readonly discounts?: readonly DiscountReference[] | null | undefined
}

/** Reads one item of a request: an active, recurring price and a quantity that makes sense for it. */
export function readItem(tx: Transaction, given: GivenItem, path: string): ItemSpec {
  const price = readPrice(tx, given, path)
  const isMetered = price.recurring?.usage_type === 'metered'
  if (isMetered && given.quantity !== undefined) {
    throw invalidRequest({
      message: `Quantity should not be specified where usage_type is \`metered\`. Remove quantity from \`${path}\`.`,
      param: `${path}[quantity]`,
    })
  }
  if (given.quantity !== undefined && given.quantity < 0) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'This value must be greater than or equal to 0.',
      param: `${path}[quantity]`,
    })
  }
  for (const rate of given.tax_rates ?? []) {
    getReferenced(tx, 'tax_rate', rate, `${path}[tax_rates]`)
  }
  return {
    price: price.id,
    quantity: isMetered ? undefined : (given.quantity ?? 1),
    metadata: newMetadata(given.metadata),
    taxRates: given.tax_rates ?? null,
    discounts: given.discounts ?? [],
  }
}

export function readPrice(tx: Transaction, given: GivenItem, path: string): Documents['price'] {
  if (given.price !== undefined && given.price_data !== undefined) {
    throw exclusiveParameters(`${path}[price]`, `${path}[price_data]`)
  }
  const id = given.price ?? given.plan
  if (isUnset(id)) {
    if (given.price_data === undefined) throw missingParameter(`${path}[price]`)
    // A price made for one item only is not offered to others.
    const price = createPrice(tx, given.price_data)
    return tx.update('price', price.id, { active: false })
  }
  const price = getReferenced(tx, 'price', id, `${path}[price]`)
  if (!price.active) {
    throw invalidRequest({
      message: 'The price specified is inactive. This field only accepts active prices.',
      param: `${path}[price]`,
    })
  }
  if (price.type !== 'recurring') {
    throw invalidRequest({
      message:
        'The price specified is set to `type=one_time` but this field only accepts prices with `type=recurring`.',
      param: `${path}[price]`,
    })
  }
  return price
}

/** Rules between the items of one subscription. */
export function checkTogether(
  tx: Transaction,
  prices: readonly string[],
  { currency, isFlexible }: { readonly currency: string; readonly isFlexible: boolean },
): void {
  if (prices.length > MAX_ITEMS) {
    throw invalidRequest({
      message: `A subscription can have at most ${MAX_ITEMS} items.`,
      param: 'items',
    })
  }
  const [first] = prices
  for (const [index, id] of prices.entries()) {
    const price = tx.get('price', id)
    if (termsIn(price, currency) === undefined) {
      throw invalidRequest({
        message: `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
        param: `items[${index}][price]`,
      })
    }
    if (prices.indexOf(id) !== index) {
      throw invalidRequest({
        message: `Subscription items must have different prices; \`${id}\` is there more than once. Use its quantity instead.`,
        param: `items[${index}][price]`,
      })
    }
    const rhythm = tx.get('price', first ?? id).recurring
    if (
      !isFlexible &&
      rhythm !== null &&
      price.recurring !== null &&
      !isSameRhythm(rhythm, price.recurring)
    ) {
      throw invalidRequest({
        message:
          'Currency and interval fields must match across all prices on this subscription. Mixed intervals need `billing_mode[type]=flexible`.',
        param: 'items',
      })
    }
  }
}

export function recurrenceOf(tx: Transaction, priceId: string): Recurrence {
  const { recurring } = tx.get('price', priceId)
  if (recurring === null) throw new Error(`${priceId} is not recurring`)
  return recurring
}

export function isMeteredPrice(tx: Transaction, priceId: string): boolean {
  return tx.get('price', priceId).recurring?.usage_type === 'metered'
}

export function insertItem(
  tx: Transaction,
  subscription: Documents['subscription'],
  spec: ItemSpec,
  {
    period,
    discounts,
    usageFrom,
  }: { period: BillingPeriod; discounts: readonly string[]; usageFrom: number },
): Documents['subscription_item'] {
  return tx.insert('subscription_item', {
    id: tx.newId('si', 14),
    object: 'subscription_item',
    billing_thresholds: null,
    created: tx.now(subscription.test_clock),
    current_period_end: period.end,
    current_period_start: period.start,
    current_trial: null,
    discounts,
    metadata: spec.metadata,
    ...(spec.quantity === undefined ? {} : { quantity: spec.quantity }),
    subscription: subscription.id,
    price: spec.price,
    inner: { taxRates: spec.taxRates, debits: [], usageFrom },
  })
}

export function presentItem(
  tx: Transaction,
  { inner, price: priceId, ...item }: Documents['subscription_item'],
): SubscriptionItem {
  const price = tx.get('price', priceId)
  return {
    ...item,
    plan: toPlan(price),
    price: tx.present('price', priceId) as Price,
    tax_rates: (inner.taxRates ?? []).map((id) => tx.present('tax_rate', id) as TaxRate),
  }
}

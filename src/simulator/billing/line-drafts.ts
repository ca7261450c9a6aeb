import { decimal, type Decimal } from '../../kit/decimal.ts'
import { termsIn } from '../catalog/price-terms.ts'
import { showUnitAmount } from '../pages/money.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { InvoiceLineItemParent } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import type { BillingPeriod } from './periods.ts'
import { type Pricing, type RatedPart, ratePrice, totalOf } from './pricing.ts'
import { isMeteredPrice } from './subscription-items.ts'

/** A line before it stands on an invoice. */
export interface LineDraft {
  readonly amount: number
  readonly description: string | null
  readonly isDiscountable: boolean
  readonly discounts: readonly string[]
  readonly metadata: Readonly<Record<string, string>>
  readonly period: BillingPeriod
  readonly price: string | null
  readonly product: string | null
  readonly unitAmountDecimal: string | null
  readonly quantity: Decimal
  readonly taxRates: readonly string[] | null
  readonly subscription: string | null
  readonly subscriptionItem: string | null
  readonly invoiceItem: string | null
  readonly parent: InvoiceLineItemParent
  readonly isMetered: boolean
  readonly fixedDiscounts: readonly { readonly discount: string; readonly amount: number }[]
}

type Item = Documents['subscription_item']
type Subscription = Documents['subscription']

export function pricingOf(tx: Transaction, priceId: string, currency: string): Pricing {
  const price = tx.get('price', priceId)
  const terms = termsIn(price, currency)
  if (terms === undefined) {
    throw invalidRequest({
      message: `The price specified only supports \`${price.currency}\`. This doesn't match the expected currency: \`${currency}\`.`,
      param: 'price',
    })
  }
  return { terms, tiersMode: price.tiers_mode, transform: price.transform_quantity }
}

/** What an item costs for a whole period, and for what quantity. */
export function rateItem(tx: Transaction, item: Item, currency: string, quantity?: Decimal) {
  return ratePrice(pricingOf(tx, item.price, currency), quantity ?? decimal(item.quantity ?? 1))
}

/** What items cost for a whole period before any discount, apart from usage. */
export function licensedTotal(
  tx: Transaction,
  { currency }: Pick<Subscription, 'currency'>,
  items: readonly Item[],
): number {
  return items
    .filter((item) => !isMeteredPrice(tx, item.price))
    .reduce((sum, item) => sum + totalOf(rateItem(tx, item, currency)), 0)
}

/** The lines of a subscription item for a period: its recurring fee, or its usage tier by tier. */
export function itemLines(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  period: BillingPeriod,
  quantity?: Decimal,
): readonly LineDraft[] {
  const price = tx.get('price', item.price)
  return rateItem(tx, item, subscription.currency, quantity).map((part) => ({
    ...lineOfItem(tx, subscription, item, period),
    amount: part.amount,
    description: describePart(tx, item.price, subscription.currency, part),
    unitAmountDecimal: part.unitAmountDecimal,
    quantity: part.quantity,
    isMetered: price.recurring?.usage_type === 'metered',
  }))
}

/** A trial costs nothing and says so. */
export function trialLine(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  period: BillingPeriod,
): LineDraft {
  return {
    ...lineOfItem(tx, subscription, item, period),
    amount: 0,
    description: `Trial period for ${productName(tx, item.price)}`,
    unitAmountDecimal: '0',
  }
}

function lineOfItem(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  period: BillingPeriod,
): LineDraft {
  return {
    amount: 0,
    description: null,
    isDiscountable: true,
    discounts: item.discounts,
    metadata: { ...subscription.metadata, ...item.metadata },
    period,
    price: item.price,
    product: tx.get('price', item.price).product,
    unitAmountDecimal: null,
    quantity: decimal(item.quantity ?? 1),
    taxRates: item.inner.taxRates,
    subscription: subscription.id,
    subscriptionItem: item.id,
    invoiceItem: null,
    parent: {
      invoice_item_details: null,
      subscription_item_details: {
        invoice_item: null,
        proration: false,
        proration_details: { credited_items: null },
        subscription: subscription.id,
        subscription_item: item.id,
      },
      type: 'subscription_item_details',
    },
    isMetered: false,
    fixedDiscounts: [],
  }
}

/** A pending invoice item as the line it becomes. */
export function invoiceItemLine(item: Documents['invoiceitem']): LineDraft {
  const { subscription, subscriptionItem, fixedDiscounts } = item.inner
  const price = item.pricing?.price_details?.price ?? null
  const credited = item.proration_details?.credited_items?.invoice_line_item_details ?? null
  const prorationDetails = { credited_items: credited }
  const isOfItem = subscriptionItem !== null
  return {
    amount: item.amount,
    description: item.description,
    isDiscountable: item.discountable,
    discounts: item.discounts ?? [],
    metadata: item.metadata ?? {},
    period: item.period,
    price,
    product: item.pricing?.price_details?.product ?? null,
    unitAmountDecimal: item.pricing?.unit_amount_decimal ?? null,
    quantity: decimal(item.quantity_decimal),
    taxRates: item.inner.taxRates,
    subscription,
    subscriptionItem,
    invoiceItem: item.id,
    parent: isOfItem
      ? {
          invoice_item_details: null,
          subscription_item_details: {
            invoice_item: item.id,
            proration: item.proration,
            proration_details: prorationDetails,
            subscription,
            subscription_item: subscriptionItem,
          },
          type: 'subscription_item_details',
        }
      : {
          invoice_item_details: {
            invoice_item: item.id,
            proration: item.proration,
            proration_details: prorationDetails,
            subscription,
          },
          subscription_item_details: null,
          type: 'invoice_item_details',
        },
    isMetered: false,
    fixedDiscounts,
  }
}

export function productName(tx: Transaction, priceId: string): string {
  return tx.get('product', tx.get('price', priceId).product).name
}

/** `2 × Pro (at $29.00 / month)`, `1,000 × API calls (Tier 1 at $0.01 / month)`. */
function describePart(tx: Transaction, priceId: string, currency: string, part: RatedPart): string {
  const { recurring } = tx.get('price', priceId)
  const count = recurring?.interval_count ?? 1
  const interval =
    recurring === null
      ? ''
      : ` / ${count === 1 ? recurring.interval : `every ${count} ${recurring.interval}s`}`
  const tier = part.tier === null ? '' : `Tier ${part.tier} `
  const unit = showUnitAmount(part.unitAmountDecimal, currency)
  const name = productName(tx, priceId)
  if (part.isFlatFee) return `${name} (${tier}flat fee of ${unit}${interval})`
  return `${showQuantity(part.quantity)} × ${name} (${tier}at ${unit}${interval})`
}

const SCALE = 10n ** 12n

export function showQuantity(quantity: Decimal): string {
  const whole = (quantity / SCALE).toLocaleString('en-US')
  const fraction = (quantity % SCALE).toString().padStart(12, '0').replace(/0+$/, '')
  return fraction === '' ? whole : `${whole}.${fraction}`
}

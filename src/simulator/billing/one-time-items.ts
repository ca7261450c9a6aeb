import { decimal } from '../../kit/decimal.ts'
import { createDiscount, type DiscountReference } from '../catalog/discounts.ts'
import { createPrice } from '../catalog/price-creation.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { insertInvoiceItem } from './invoice-item-creation.ts'
import { pricingOf, productName } from './line-drafts.ts'
import { ratePrice, totalOf } from './pricing.ts'

/** A one-time price on a subscription's invoice. */
export interface OneTimeItem {
  readonly price: string
  readonly quantity: number
  readonly discounts: readonly DiscountReference[]
  readonly taxRates: readonly string[] | null
  readonly metadata: Readonly<Record<string, string>>
  readonly isDiscountable: boolean
}

interface GivenOneTimeItem {
  readonly price?: string | undefined
  readonly price_data?:
    | {
        readonly currency: string
        readonly product: string
        readonly unit_amount?: number | undefined
        readonly unit_amount_decimal?: string | undefined
      }
    | undefined
  readonly quantity?: number | undefined
  readonly discounts?: readonly DiscountReference[] | null | undefined
  readonly discountable?: boolean | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly tax_rates?: readonly string[] | null | undefined
}

export function readOneTimeItem(
  tx: Transaction,
  given: GivenOneTimeItem,
  path: string,
): OneTimeItem {
  return {
    price: oneTimePrice(tx, given, path).id,
    quantity: given.quantity ?? 1,
    discounts: given.discounts ?? [],
    taxRates: given.tax_rates ?? null,
    metadata: newMetadata(given.metadata),
    isDiscountable: given.discountable ?? true,
  }
}

function oneTimePrice(tx: Transaction, given: GivenOneTimeItem, path: string): Documents['price'] {
  if (given.price !== undefined && given.price_data !== undefined) {
    throw exclusiveParameters(`${path}[price]`, `${path}[price_data]`)
  }
  if (given.price === undefined) {
    if (given.price_data === undefined) throw missingParameter(`${path}[price]`)
    return tx.update('price', createPrice(tx, given.price_data).id, { active: false })
  }
  const price = getReferenced(tx, 'price', given.price, `${path}[price]`)
  if (price.type === 'one_time') return price
  throw invalidRequest({
    message:
      'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
    param: `${path}[price]`,
  })
}

/** Makes them wait for the subscription's next invoice, which may follow at once. */
export function insertOneTimeItems(
  tx: Transaction,
  subscription: Documents['subscription'],
  items: readonly OneTimeItem[],
): void {
  const { customer, currency } = subscription
  const now = tx.now(subscription.test_clock)
  for (const spec of items) {
    const parts = ratePrice(pricingOf(tx, spec.price, currency), decimal(spec.quantity))
    insertInvoiceItem(tx, {
      customer,
      currency,
      amount: totalOf(parts),
      description: productName(tx, spec.price),
      period: { start: now, end: now },
      quantity: decimal(spec.quantity),
      unitAmountDecimal: parts[0]?.unitAmountDecimal ?? null,
      price: spec.price,
      isDiscountable: spec.isDiscountable,
      discounts: spec.discounts.map((reference) =>
        createDiscount(tx, reference, { customer, start: now }),
      ),
      metadata: spec.metadata,
      taxRates: spec.taxRates,
      subscription: subscription.id,
    })
  }
}

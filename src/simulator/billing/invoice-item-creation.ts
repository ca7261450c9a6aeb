import { type Decimal, formatDecimal } from '../../kit/decimal.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Invoiceitem, InvoiceItemProrationDetails, TaxRate } from '../stripe.generated.ts'
import { invoiceItemLine } from './line-drafts.ts'
import { insertLine } from './lines.ts'
import { wholeQuantity } from './pricing.ts'
import { isUnset } from '../wire/changed.ts'

type Item = Documents['invoiceitem']

export interface NewInvoiceItem {
  readonly customer: string
  readonly currency: string
  readonly amount: number
  readonly description: string | null
  readonly period: { readonly start: number; readonly end: number }
  readonly quantity: Decimal
  readonly unitAmountDecimal: string | null
  readonly price: string | null
  readonly isDiscountable: boolean
  readonly discounts?: readonly string[]
  readonly metadata?: Readonly<Record<string, string>>
  readonly taxRates?: readonly string[] | null
  readonly subscription?: string | null
  readonly subscriptionItem?: string | null
  readonly isProration?: boolean
  readonly prorationDetails?: InvoiceItemProrationDetails
  readonly fixedDiscounts?: readonly { readonly discount: string; readonly amount: number }[]
}

/** A charge or credit that waits for the customer's next invoice. */
export function insertInvoiceItem(tx: Transaction, given: NewInvoiceItem): Item {
  const customer = tx.get('customer', given.customer)
  const subscription = given.subscription ?? null
  const product = given.price === null ? null : tx.get('price', given.price).product
  const item = tx.insert('invoiceitem', {
    id: tx.newId('ii'),
    object: 'invoiceitem',
    amount: given.amount,
    currency: given.currency,
    customer: given.customer,
    customer_account: null,
    date: tx.now(customer.test_clock),
    description: given.description,
    discountable: given.isDiscountable,
    discounts: given.discounts ?? [],
    invoice: null,
    livemode: tx.realm.isLive,
    metadata: given.metadata ?? {},
    net_amount: given.amount,
    parent:
      subscription === null
        ? null
        : {
            subscription_details: {
              subscription,
              ...(isUnset(given.subscriptionItem)
                ? {}
                : { subscription_item: given.subscriptionItem }),
            },
            type: 'subscription_details',
          },
    period: given.period,
    pricing:
      given.price === null || product === null
        ? null
        : {
            price_details: { price: given.price, product },
            type: 'price_details',
            unit_amount_decimal: given.unitAmountDecimal,
          },
    proration: given.isProration ?? false,
    ...(given.prorationDetails === undefined ? {} : { proration_details: given.prorationDetails }),
    quantity: wholeQuantity(given.quantity),
    quantity_decimal: formatDecimal(given.quantity),
    test_clock: customer.test_clock,
    inner: {
      taxRates: given.taxRates ?? null,
      subscription,
      subscriptionItem: given.subscriptionItem ?? null,
      fixedDiscounts: given.fixedDiscounts ?? [],
    },
  })
  tx.emit('invoiceitem.created', 'invoiceitem', item.id)
  return item
}

/** Puts an item on a draft, as a line of its own. */
export function attachItem(tx: Transaction, item: Item, invoice: string): void {
  tx.update('invoiceitem', item.id, { invoice })
  insertLine(tx, invoice, invoiceItemLine(tx.get('invoiceitem', item.id)))
}

/**
 * Puts on a draft what waits for it. Items of a subscription go on that subscription's invoices only; items of nobody in
 * particular go on whichever invoice comes first.
 */
export function attachPendingItems(tx: Transaction, invoiceId: string): number {
  const invoice = tx.get('invoice', invoiceId)
  const { subscription } = invoice.inner
  const waiting = tx
    .where('invoiceitem', 'customer', invoice.customer ?? '')
    .filter(
      (item) =>
        item.invoice === null &&
        item.currency === invoice.currency &&
        (item.inner.subscription === null || item.inner.subscription === subscription),
    )
    .slice(0, MAX_ITEMS_PER_INVOICE)
  for (const item of waiting) attachItem(tx, item, invoiceId)
  return waiting.length
}

/** Stripe's limit; the rest waits for the invoice after. */
const MAX_ITEMS_PER_INVOICE = 250

export function presentInvoiceItem(tx: Transaction, { inner, ...item }: Item): Invoiceitem {
  const rates = inner.taxRates?.map((id) => tx.present('tax_rate', id) as TaxRate) ?? []
  return { ...item, tax_rates: rates }
}

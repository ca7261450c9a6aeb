import { decimal, multiply } from '../../kit/decimal.ts'
import { toCurrency } from '../catalog/amounts.ts'
import { createDiscount, type DiscountReference } from '../catalog/discounts.ts'
import { createPrice } from '../catalog/price-creation.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed, isUnset } from '../wire/changed.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { requireDraft } from './draft-editing.ts'
import { attachItem, insertInvoiceItem } from './invoice-item-creation.ts'
import { invoiceItemLine, pricingOf, productName } from './line-drafts.ts'
import { updateLine } from './lines.ts'
import { ratePrice, totalOf } from './pricing.ts'
import { checkChargeStep, roundExactToCharge } from './rounding.ts'
import { requireCurrency } from './subscription-creation.ts'
import { addUp } from './totals.ts'

export const invoiceItemOperations: Handlers = {
  'POST /v1/invoiceitems': ({ tx, params }) => {
    const invoice =
      params.invoice === undefined ? undefined : requireDraft(tx, params.invoice, 'invoice')
    const customerId = params.customer ?? invoice?.customer
    if (isUnset(customerId)) throw missingParameter('customer')
    const item = createItem(tx, requireCustomer(tx, customerId), params, invoice)
    if (invoice !== undefined) {
      attachItem(tx, item, invoice.id)
      addUp(tx, invoice.id)
    }
    return tx.present('invoiceitem', item.id)
  },

  'GET /v1/invoiceitems': ({ tx, params }) =>
    listPage(tx, 'invoiceitem', {
      url: '/v1/invoiceitems',
      params,
      ...(params.invoice !== undefined
        ? { among: tx.where('invoiceitem', 'invoice', params.invoice) }
        : params.customer !== undefined
          ? { among: tx.where('invoiceitem', 'customer', params.customer) }
          : {}),
      matches: (item) =>
        (params.customer !== undefined ||
          params.invoice !== undefined ||
          item.test_clock === null) &&
        (params.customer === undefined || item.customer === params.customer) &&
        (params.pending === undefined || (item.invoice === null) === params.pending) &&
        isInRange(item.date, params.created),
    }),

  'GET /v1/invoiceitems/{id}': ({ tx, id }) =>
    tx.present('invoiceitem', getById(tx, 'invoiceitem', id).id),

  'POST /v1/invoiceitems/{id}': ({ tx, params, id }) => {
    const item = getById(tx, 'invoiceitem', id)
    requireEditable(tx, item)
    const priced =
      params.amount !== undefined ||
      params.quantity !== undefined ||
      params.quantity_decimal !== undefined ||
      params.pricing !== undefined ||
      params.price_data !== undefined ||
      params.unit_amount_decimal !== undefined
        ? readPrice(tx, { ...keptPricing(item, params), ...params }, item.currency)
        : undefined
    tx.update('invoiceitem', id, {
      amount: priced?.amount ?? item.amount,
      net_amount: priced?.amount ?? item.amount,
      quantity: priced?.quantity ?? item.quantity,
      quantity_decimal: priced?.quantity_decimal ?? item.quantity_decimal,
      pricing: priced === undefined ? item.pricing : priced.pricing,
      description: changed(params.description, item.description),
      discountable: params.discountable ?? item.discountable,
      discounts:
        params.discounts === undefined
          ? item.discounts
          : readDiscounts(tx, params.discounts ?? [], item.customer),
      metadata: mergeMetadata(item.metadata ?? {}, params.metadata),
      period: params.period ?? item.period,
      inner: { ...item.inner, taxRates: changed(params.tax_rates, item.inner.taxRates) },
    })
    if (item.invoice !== null) {
      const [line] = tx.where('line_item', 'inner.invoiceItem', id)
      if (line !== undefined) updateLine(tx, line, invoiceItemLine(tx.get('invoiceitem', id)))
      addUp(tx, item.invoice)
    }
    return tx.present('invoiceitem', id)
  },

  'DELETE /v1/invoiceitems/{id}': ({ tx, id }) => {
    const item = getById(tx, 'invoiceitem', id)
    requireEditable(tx, item)
    for (const line of tx.where('line_item', 'inner.invoiceItem', id))
      tx.remove('line_item', line.id)
    tx.emit('invoiceitem.deleted', 'invoiceitem', id)
    tx.remove('invoiceitem', id)
    if (item.invoice !== null) addUp(tx, item.invoice)
    return { id, object: 'invoiceitem', deleted: true }
  },
}

function requireEditable(tx: Transaction, item: Documents['invoiceitem']): void {
  if (item.invoice !== null) requireDraft(tx, item.invoice, 'invoice')
}

/** What a request may say about the price of one line. */
export interface GivenPricing {
  readonly amount?: number | undefined
  readonly currency?: string | undefined
  readonly description?: string | null | undefined
  readonly discountable?: boolean | undefined
  readonly discounts?: readonly DiscountReference[] | null | undefined
  readonly metadata?: Readonly<Record<string, string>> | null | undefined
  readonly period?: { readonly start: number; readonly end: number } | undefined
  readonly price?: string | undefined
  readonly price_data?: Parameters<typeof createPrice>[1] | object | undefined
  readonly pricing?: { readonly price?: string | undefined } | undefined
  readonly quantity?: number | undefined
  readonly quantity_decimal?: string | undefined
  readonly subscription?: string | undefined
  readonly tax_rates?: readonly string[] | null | undefined
  readonly unit_amount_decimal?: string | undefined
}

export function createItem(
  tx: Transaction,
  customer: Documents['customer'],
  given: GivenPricing,
  invoice: Documents['invoice'] | undefined,
): Documents['invoiceitem'] {
  const price = findPrice(tx, given)
  const currency = toCurrency(
    given.currency ??
      invoice?.currency ??
      price?.currency ??
      customer.currency ??
      missingCurrency(),
  )
  requireCurrency(customer, currency)
  if (given.subscription !== undefined) {
    const subscription = getReferenced(tx, 'subscription', given.subscription, 'subscription')
    if (subscription.customer !== customer.id) {
      throw invalidRequest({
        message: `The subscription ${subscription.id} does not belong to the customer ${customer.id}.`,
        param: 'subscription',
      })
    }
  }
  for (const rate of given.tax_rates ?? []) getReferenced(tx, 'tax_rate', rate, 'tax_rates')
  const pricing = readPrice(tx, given, currency)
  const now = tx.now(customer.test_clock)
  return insertInvoiceItem(tx, {
    customer: customer.id,
    currency,
    amount: pricing.amount,
    description: given.description ?? (price === undefined ? null : productName(tx, price.id)),
    period: given.period ?? { start: now, end: now },
    quantity: decimal(pricing.quantity_decimal),
    unitAmountDecimal: pricing.unitAmountDecimal,
    price: pricing.price,
    isDiscountable: given.discountable ?? pricing.amount >= 0,
    discounts: readDiscounts(tx, given.discounts ?? [], customer.id),
    metadata: newMetadata(given.metadata),
    taxRates: given.tax_rates ?? null,
    subscription: given.subscription ?? invoice?.inner.subscription ?? null,
  })
}

function missingCurrency(): never {
  throw missingParameter('currency')
}

function findPrice(tx: Transaction, given: GivenPricing): Documents['price'] | undefined {
  const id = given.pricing?.price ?? given.price
  if (id !== undefined && given.price_data !== undefined) {
    throw exclusiveParameters('pricing', 'price_data')
  }
  return id === undefined ? undefined : getReferenced(tx, 'price', id, 'pricing[price]')
}

function readPrice(tx: Transaction, given: GivenPricing, currency: string) {
  const quantity = decimal(given.quantity_decimal ?? String(given.quantity ?? 1))
  const quantityFields = {
    quantity: Number(quantity / 10n ** 12n),
    quantity_decimal: given.quantity_decimal ?? String(given.quantity ?? 1),
  }
  const price =
    findPrice(tx, given) ??
    (given.price_data === undefined
      ? undefined
      : createPrice(tx, given.price_data as Parameters<typeof createPrice>[1]))
  if (price !== undefined) {
    if (given.amount !== undefined) throw exclusiveParameters('amount', 'pricing')
    if (price.type !== 'one_time') {
      throw invalidRequest({
        message:
          'The price specified is set to `type=recurring` but this field only accepts prices with `type=one_time`.',
        param: 'pricing[price]',
      })
    }
    const parts = ratePrice(pricingOf(tx, price.id, currency), quantity)
    const unitAmountDecimal = parts[0]?.unitAmountDecimal ?? null
    return {
      amount: totalOf(parts),
      ...quantityFields,
      price: price.id,
      unitAmountDecimal,
      pricing: {
        price_details: { price: price.id, product: price.product },
        type: 'price_details' as const,
        unit_amount_decimal: unitAmountDecimal,
      },
    }
  }
  if (given.unit_amount_decimal !== undefined) {
    if (given.amount !== undefined) throw exclusiveParameters('amount', 'unit_amount_decimal')
    const exact = multiply(quantity, decimal(given.unit_amount_decimal))
    return {
      amount: roundExactToCharge(exact, currency),
      ...quantityFields,
      price: null,
      unitAmountDecimal: given.unit_amount_decimal,
      pricing: null,
    }
  }
  if (given.amount === undefined) throw missingParameter('amount')
  checkChargeStep(given.amount, currency)
  return {
    amount: given.amount,
    ...quantityFields,
    price: null,
    unitAmountDecimal: null,
    pricing: null,
  }
}

/** What an update leaves as it was: the quantity, and the price unless another way to price is given. */
function keptPricing(item: Documents['invoiceitem'], given: GivenPricing): GivenPricing {
  const price = item.pricing?.price_details?.price
  const isRepriced =
    given.amount !== undefined ||
    given.pricing !== undefined ||
    given.price_data !== undefined ||
    given.unit_amount_decimal !== undefined
  return {
    ...(given.quantity === undefined ? { quantity_decimal: item.quantity_decimal } : {}),
    ...(isRepriced ? {} : price === undefined ? { amount: item.amount } : { price }),
  }
}

function readDiscounts(
  tx: Transaction,
  references: readonly DiscountReference[],
  customer: string,
): readonly string[] {
  const start = tx.now(tx.get('customer', customer).test_clock)
  return references.map((reference) => createDiscount(tx, reference, { customer, start }))
}

import { formatDecimal } from '../../kit/decimal.ts'
import { measureUsage } from '../meters/usage.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { itemLines, type LineDraft } from './line-drafts.ts'
import { wholeQuantity } from './pricing.ts'
import { isUnset } from '../wire/changed.ts'

type Line = Documents['line_item']

/** Discounts, taxes and credits are filled in when the invoice is added up; see totals.ts. */
export function insertLine(tx: Transaction, invoice: string, draft: LineDraft): Line {
  const existing = tx.where('line_item', 'invoice', invoice)
  const order = existing.reduce((max, line) => Math.max(max, line.inner.order), 0) + 1
  return tx.insert('line_item', {
    id: tx.newId('il'),
    object: 'line_item',
    currency: tx.get('invoice', invoice).currency,
    discount_amounts: [],
    invoice,
    livemode: tx.realm.isLive,
    pretax_credit_amounts: [],
    taxes: [],
    ...fieldsOf(draft),
    inner: {
      order,
      taxRates: draft.taxRates,
      invoiceItem: draft.invoiceItem,
      subscriptionItem: draft.subscriptionItem,
      price: draft.price,
      product: draft.product,
      isMetered: draft.isMetered,
      fixedDiscounts: draft.fixedDiscounts,
    },
  })
}

function fieldsOf(draft: LineDraft) {
  return {
    amount: draft.amount,
    description: draft.description,
    discountable: draft.isDiscountable,
    discounts: draft.discounts,
    metadata: draft.metadata,
    parent: draft.parent,
    period: draft.period,
    pricing:
      draft.price === null || draft.product === null
        ? null
        : {
            price_details: { price: draft.price, product: draft.product },
            type: 'price_details' as const,
            unit_amount_decimal: draft.unitAmountDecimal,
          },
    quantity: wholeQuantity(draft.quantity),
    quantity_decimal: formatDecimal(draft.quantity),
    subscription: draft.subscription,
    subtotal: draft.amount,
  }
}

export function updateLine(tx: Transaction, line: Line, draft: LineDraft): void {
  tx.update('line_item', line.id, {
    ...fieldsOf(draft),
    inner: {
      ...line.inner,
      taxRates: draft.taxRates,
      price: draft.price,
      product: draft.product,
      fixedDiscounts: draft.fixedDiscounts,
    },
  })
}

export function linesOf(tx: Transaction, invoice: string): readonly Line[] {
  return tx.where('line_item', 'invoice', invoice).toSorted((a, b) => a.inner.order - b.inner.order)
}

/**
 * Reads the meters again. While an invoice is a draft its usage lines show what has been counted by now, so events that
 * arrive late but belong to its period are still on it when it is finalized. Lines keep their ids; tiers may add some.
 */
export function refreshMeteredLines(tx: Transaction, invoiceId: string): void {
  const invoice = tx.get('invoice', invoiceId)
  const metered = linesOf(tx, invoiceId).filter((line) => line.inner.isMetered)
  const groups = Map.groupBy(
    metered,
    (line) => `${line.inner.subscriptionItem}/${line.inner.price}/${line.period.start}`,
  )
  for (const lines of groups.values()) {
    const [first] = lines
    const item = tx.find('subscription_item', first?.inner.subscriptionItem ?? '')
    const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
    if (first === undefined || item === undefined || subscription === undefined) continue
    const priced = { ...item, price: first.inner.price ?? item.price }
    const usage = usageOfItem(tx, priced, subscription.customer, first.period)
    const drafts = itemLines(tx, subscription, priced, first.period, usage)
    for (const [index, draft] of drafts.entries()) {
      const line = lines[index]
      if (line === undefined) insertLine(tx, invoiceId, draft)
      else tx.update('line_item', line.id, fieldsOf(draft))
    }
    for (const line of lines.slice(drafts.length)) tx.remove('line_item', line.id)
  }
}

export function usageOfItem(
  tx: Transaction,
  item: Documents['subscription_item'],
  customer: string,
  period: { readonly start: number; readonly end: number },
) {
  const meter = tx.get('price', item.price).recurring?.meter
  if (isUnset(meter)) throw new Error(`${item.price} has no meter`)
  return measureUsage(tx, { meter, customer, from: period.start, to: period.end })
}

import { decimal } from '../../kit/decimal.ts'
import { formatInstant } from '../../kit/instant.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { applyDiscounts } from './discounting.ts'
import { insertInvoiceItem } from './invoice-item-creation.ts'
import { productName, rateItem, showQuantity } from './line-drafts.ts'
import { usageOfItem } from './lines.ts'
import { type BillingPeriod, periodContaining } from './periods.ts'
import { totalOf } from './pricing.ts'
import { remainingShare } from './prorations.ts'
import { isMeteredPrice, recurrenceOf } from './subscription-items.ts'
import { recordDebit } from './subscription-invoicing.ts'
import { itemsOf } from './subscription-work.ts'
import { discountRule, liveDiscounts, sumOf } from './totals.ts'

type Subscription = Documents['subscription']
type Item = Documents['subscription_item']

interface FixedDiscount {
  readonly discount: string
  readonly amount: number
}

/**
 * Credits an item's time from an instant on. In flexible billing mode each debit that covers it is given back in part, as
 * it was billed; in classic mode the current price counts, whatever was billed.
 */
export function creditItem(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  from: number,
): void {
  if (isMeteredPrice(tx, item.price)) return
  if (subscription.billing_mode.type === 'classic') creditByPrice(tx, subscription, item, from)
  else creditDebits(tx, subscription, item, from)
  tx.update('subscription_item', item.id, {
    inner: { ...tx.get('subscription_item', item.id).inner, debits: [] },
  })
}

function creditDebits(tx: Transaction, subscription: Subscription, item: Item, from: number): void {
  for (const debit of item.inner.debits) {
    const source = tx.find(debit.source, debit.id)
    if (source === undefined) continue
    const { period } = source
    const start = Math.max(from, debit.openFrom)
    if (start >= period.end) continue
    const gross = source.amount
    const discounts = discountsOf(tx, debit.source, debit.id)
    const credited = remainingShare(gross, period, start, subscription.currency)
    const creditedDiscounts = discounts.map(({ discount, amount }) => ({
      discount,
      amount: -remainingShare(amount, period, start, subscription.currency),
    }))
    const net = -remainingShare(gross - sumOf(discounts), period, start, subscription.currency)
    insertProration(tx, subscription, item, {
      verb: 'Unused',
      gross: -credited,
      net,
      discounts: creditedDiscounts,
      period: { start, end: period.end },
      credited: creditedReference(tx, debit),
    })
  }
}

/** Discounts a debit was reduced by: as its line shows them, or as the pending item brings them along. */
function discountsOf(
  tx: Transaction,
  source: 'line_item' | 'invoiceitem',
  id: string,
): readonly FixedDiscount[] {
  if (source === 'line_item') return tx.get('line_item', id).discount_amounts ?? []
  const [line] = tx.where('line_item', 'inner.invoiceItem', id)
  return line === undefined
    ? tx.get('invoiceitem', id).inner.fixedDiscounts
    : (line.discount_amounts ?? [])
}

function creditedReference(
  tx: Transaction,
  debit: Item['inner']['debits'][number],
): { readonly invoice: string; readonly lines: readonly string[] } | { readonly item: string } {
  const line =
    debit.source === 'line_item'
      ? tx.get('line_item', debit.id)
      : tx.where('line_item', 'inner.invoiceItem', debit.id)[0]
  if (line === undefined) return { item: debit.id }
  return { invoice: line.invoice ?? '', lines: [line.id] }
}

function creditByPrice(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  from: number,
): void {
  const period = wholePeriod(tx, subscription, item)
  if (from >= period.end) return
  const full = totalOf(rateItem(tx, item, subscription.currency))
  const net = full - sumOf(classicDiscounts(tx, subscription, item, full))
  insertProration(tx, subscription, item, {
    verb: 'Unused',
    gross: -remainingShare(full, period, from, subscription.currency),
    net: -remainingShare(net, period, from, subscription.currency),
    discounts: [],
    period: { start: from, end: period.end },
    credited: null,
  })
}

/** Debits an item's time from an instant to the end of its period. */
export function debitItem(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  from: number,
): void {
  if (isMeteredPrice(tx, item.price)) return
  const period = wholePeriod(tx, subscription, item)
  if (from >= period.end) return
  const full = totalOf(rateItem(tx, item, subscription.currency))
  const discounts =
    subscription.billing_mode.type === 'classic'
      ? classicDiscounts(tx, subscription, item, full)
      : itemDiscounts(tx, subscription, item)
  const pending = insertProration(tx, subscription, item, {
    verb: 'Remaining',
    gross: remainingShare(full, period, from, subscription.currency),
    net: remainingShare(full - sumOf(discounts), period, from, subscription.currency),
    discounts: discounts.map(({ discount, amount }) => ({
      discount,
      amount: remainingShare(amount, period, from, subscription.currency),
    })),
    period: { start: from, end: period.end },
    credited: null,
  })
  recordDebit(tx, item.id, { source: 'invoiceitem', id: pending, openFrom: from })
}

/** An item's share of the subscription's discounts for a whole period, as its regular line would have it. */
function itemDiscounts(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
): readonly FixedDiscount[] {
  const licensed = itemsOf(tx, subscription.id).filter((other) => !isMeteredPrice(tx, other.price))
  const rules = activeRules(tx, subscription)
  const applied = applyDiscounts(
    licensed.map((other) => ({
      amount: totalOf(rateItem(tx, other, subscription.currency)),
      isDiscountable: true,
      product: tx.get('price', other.price).product,
      ownRules: other.discounts.map((id) => discountRule(tx, id, subscription.currency)),
    })),
    rules,
    subscription.currency,
  )
  return applied[licensed.findIndex(({ id }) => id === item.id)] ?? []
}

/** Classic mode takes the whole of every discount off each item it looks at. */
function classicDiscounts(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  full: number,
): readonly FixedDiscount[] {
  const line = {
    amount: full,
    isDiscountable: true,
    product: tx.get('price', item.price).product,
    ownRules: [],
  }
  return applyDiscounts([line], activeRules(tx, subscription), subscription.currency)[0] ?? []
}

function activeRules(tx: Transaction, subscription: Subscription) {
  const customer = tx.get('customer', subscription.customer)
  const own = subscription.discounts
  const inherited =
    own.length === 0 && customer.inner.discount !== null ? [customer.inner.discount] : own
  return liveDiscounts(tx, inherited, tx.now(subscription.test_clock)).map((id) =>
    discountRule(tx, id, subscription.currency),
  )
}

interface Proration {
  readonly verb: 'Unused' | 'Remaining'
  readonly gross: number
  readonly net: number
  readonly discounts: readonly FixedDiscount[]
  readonly period: BillingPeriod
  readonly credited:
    | { readonly invoice: string; readonly lines: readonly string[] }
    | { readonly item: string }
    | null
}

function insertProration(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  proration: Proration,
): string {
  const isItemized = subscription.billing_mode.flexible?.proration_discounts === 'itemized'
  const quantity = decimal(item.quantity ?? 1)
  const { credited } = proration
  const [part] = rateItem(tx, item, subscription.currency)
  const name = `${showQuantity(quantity)} × ${productName(tx, item.price)}`
  return insertInvoiceItem(tx, {
    customer: subscription.customer,
    currency: subscription.currency,
    amount: isItemized ? proration.gross : proration.net,
    description: `${proration.verb} time on ${name} after ${day(proration.period.start)}`,
    period: proration.period,
    quantity,
    unitAmountDecimal: part?.unitAmountDecimal ?? null,
    price: item.price,
    isDiscountable: false,
    discounts: proration.discounts.map(({ discount }) => discount),
    metadata: subscription.metadata,
    taxRates: item.inner.taxRates,
    subscription: subscription.id,
    subscriptionItem: item.id,
    isProration: true,
    prorationDetails: {
      credited_items:
        credited === null
          ? null
          : 'item' in credited
            ? { invoice_item: credited.item, type: 'invoice_item' }
            : {
                invoice_line_item_details: {
                  invoice: credited.invoice,
                  invoice_line_items: credited.lines,
                },
                type: 'invoice_line_items',
              },
      discount_amounts: isItemized ? proration.discounts : [],
    },
    fixedDiscounts: isItemized ? proration.discounts : [],
  }).id
}

/** In flexible billing mode usage keeps the price at which it was reported: it is billed when that price goes. */
export function billUsageSoFar(
  tx: Transaction,
  subscription: Subscription,
  item: Item,
  until: number,
): void {
  const period = { start: item.inner.usageFrom, end: until }
  if (period.end <= period.start) return
  const usage = usageOfItem(tx, item, subscription.customer, period)
  if (usage === 0n) return
  for (const part of rateItem(tx, item, subscription.currency, usage)) {
    insertInvoiceItem(tx, {
      customer: subscription.customer,
      currency: subscription.currency,
      amount: part.amount,
      description: `${showQuantity(part.quantity)} × ${productName(tx, item.price)} used before ${day(until)}`,
      period,
      quantity: part.quantity,
      unitAmountDecimal: part.unitAmountDecimal,
      price: item.price,
      isDiscountable: true,
      metadata: subscription.metadata,
      taxRates: item.inner.taxRates,
      subscription: subscription.id,
      subscriptionItem: item.id,
    })
  }
}

/** The whole period an item's price is for. The running one may be shorter, if it began as a stub. */
function wholePeriod(tx: Transaction, subscription: Subscription, item: Item): BillingPeriod {
  const whole = periodContaining(
    subscription,
    recurrenceOf(tx, item.price),
    item.current_period_start,
  )
  return { start: whole.start, end: item.current_period_end }
}

const MONTHS = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')

function day(seconds: number): string {
  const [year = '', month = '', date = ''] = formatInstant(seconds * 1_000)
    .slice(0, 10)
    .split('-')
  return `${date} ${MONTHS[Number(month) - 1]} ${year}`
}

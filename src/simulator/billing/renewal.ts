import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { collectInvoice } from './collection.ts'
import { endSubscription } from './cancellation.ts'
import { finalizeInvoice } from './finalization.ts'
import { itemLines, type LineDraft } from './line-drafts.ts'
import { usageOfItem } from './lines.ts'
import { pauseAtTrialEnd } from './pausing.ts'
import { type BillingPeriod, periodContaining } from './periods.ts'
import { isMeteredPrice, recurrenceOf } from './subscription-items.ts'
import { invoiceSubscription } from './subscription-invoice.ts'
import { isEnded, itemsOf, planWork } from './subscription-work.ts'
import { markUncollectible, voidInvoice } from './settlement.ts'
import { liveDiscounts } from './totals.ts'
import { isUnset } from '../wire/changed.ts'

type Subscription = Documents['subscription']
type Item = Documents['subscription_item']

/** Job: the period of one or more items ends. */
export function renew(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription !== undefined) renewAt(tx, id, tx.now(subscription.test_clock))
}

/** The items whose period is over by then get their next one, and a draft of what it costs. */
export function renewAt(tx: Transaction, id: string, now: number): void {
  const before = tx.get('subscription', id)
  if (isEnded(before) || before.status === 'paused' || before.status === 'incomplete') return
  if (!leaveTrial(tx, before, now)) return
  dropEndedDiscounts(tx, id, now)
  const subscription = tx.get('subscription', id)
  const due = itemsOf(tx, id).filter((item) => item.current_period_end <= now)
  if (due.length === 0) {
    planWork(tx, id)
    return
  }
  const start = Math.min(...due.map((item) => item.current_period_start))
  const isBilled =
    subscription.status !== 'unpaid' && subscription.pause_collection?.behavior !== 'keep_as_draft'
  invoiceSubscription(tx, id, {
    reason: 'subscription_cycle',
    drafts: due.flatMap((item) => renewItem(tx, subscription, item)),
    period: { start, end: now },
    isDraft: true,
    isAutoAdvancing: isBilled,
  })
  planWork(tx, id)
  tx.notify({ type: 'subscription.changed', id })
}

/** Licensed items are billed for the period to come, metered ones for the one that is over. */
function renewItem(tx: Transaction, subscription: Subscription, item: Item): readonly LineDraft[] {
  const over: BillingPeriod = { start: item.inner.usageFrom, end: item.current_period_end }
  const next = periodContaining(subscription, recurrenceOf(tx, item.price), item.current_period_end)
  const period = { start: item.current_period_end, end: next.end }
  const isMetered = isMeteredPrice(tx, item.price)
  const renewed = tx.update('subscription_item', item.id, {
    current_period_start: period.start,
    current_period_end: period.end,
    inner: { ...item.inner, debits: [], usageFrom: isMetered ? over.end : item.inner.usageFrom },
  })
  if (!isMetered) return itemLines(tx, subscription, renewed, period)
  // An item that has only just come has been used by nobody.
  if (over.end <= over.start) return []
  const usage = usageOfItem(tx, item, subscription.customer, over)
  return itemLines(tx, subscription, item, over, usage)
}

/** Ends a trial that is over. False when the subscription does not go on. */
export function leaveTrial(tx: Transaction, subscription: Subscription, now: number): boolean {
  const { trial_end: end, status, id } = subscription
  if (status !== 'trialing' || end === null || end > now) return true
  if (outlivesTrial(tx, subscription)) {
    tx.update('subscription', id, { status: 'active' })
    return true
  }
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method
  if (behavior === 'cancel') endSubscription(tx, id, { reason: 'payment_failed' })
  else pauseAtTrialEnd(tx, id)
  return false
}

/** Whether it goes on after its trial: somebody can be charged, or an invoice is to be made anyway. */
export function outlivesTrial(tx: Transaction, subscription: Subscription): boolean {
  const behavior = subscription.trial_settings?.end_behavior.missing_payment_method
  return behavior === 'create_invoice' || behavior === undefined || hasMethod(tx, subscription)
}

function hasMethod(tx: Transaction, subscription: Subscription): boolean {
  const customer = tx.get('customer', subscription.customer)
  return (
    subscription.default_payment_method !== null ||
    subscription.default_source !== null ||
    customer.invoice_settings.default_payment_method !== null ||
    customer.default_source !== null
  )
}

function dropEndedDiscounts(tx: Transaction, id: string, now: number): void {
  const { discounts } = tx.get('subscription', id)
  const live = liveDiscounts(tx, discounts, now)
  if (live.length < discounts.length) tx.update('subscription', id, { discounts: live })
}

/** How long an unacknowledged `invoice.created` can hold an invoice back. */
const MAX_DELAY_SECONDS = 72 * 3_600
const RECHECK_SECONDS = 3_600

/** Job: the time a draft was to stay open is over. */
export function finalizeWhenDue(tx: Transaction, id: string): void {
  const invoice = tx.find('invoice', id)
  if (invoice?.status !== 'draft' || invoice.auto_advance !== true) return
  const now = tx.now(invoice.test_clock)
  if (now < invoice.created + MAX_DELAY_SECONDS && isUnacknowledged(tx, id)) {
    tx.update('invoice', id, { automatically_finalizes_at: now + RECHECK_SECONDS })
    tx.schedule({
      id: `finalize:${id}`,
      type: 'invoice.finalize',
      clock: invoice.test_clock,
      dueAt: now + RECHECK_SECONDS,
      rank: 25,
      subject: id,
    })
    return
  }
  finalizeInvoice(tx, id)
  collectWhenFinalized(tx, id)
}

/** An endpoint was told of the draft and did not take it: Stripe waits for it, up to three days. */
function isUnacknowledged(tx: Transaction, invoice: string): boolean {
  return tx
    .where('event', 'inner.objectId', invoice)
    .filter(({ type }) => type === 'invoice.created')
    .flatMap((event) => tx.where('delivery', 'event', event.id))
    .some(
      ({ state, attempts, endpointKind }) =>
        // A CLI that listens is nobody's endpoint: invoices do not wait for it.
        endpointKind !== 'listener' &&
        attempts.length > 0 &&
        (state === 'pending' || state === 'failed'),
    )
}

/** What Stripe does by itself with an invoice it has finalized. */
export function collectWhenFinalized(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  if (invoice.status !== 'open') return
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  const paused = subscription?.pause_collection?.behavior
  if (paused === 'void') {
    voidInvoice(tx, id)
  } else if (paused === 'mark_uncollectible') {
    markUncollectible(tx, id, 'subscription_paused')
  } else if (invoice.collection_method === 'send_invoice') {
    tx.emit('invoice.sent', 'invoice', id)
  } else {
    collectInvoice(tx, id, { presence: 'deferred', isAutomatic: true })
  }
}

/** Job: a sent invoice was due and was not paid. */
export function noteOverdue(tx: Transaction, id: string): void {
  if (tx.find('invoice', id)?.status !== 'open') return
  tx.emit('invoice.overdue', 'invoice', id)
  tx.notify({ type: 'invoice.unpaid', id, isFinal: false })
}

/** Job: collection goes on by itself. */
export function resumeCollection(tx: Transaction, id: string): void {
  if (isUnset(tx.find('subscription', id)?.pause_collection)) return
  tx.update('subscription', id, { pause_collection: null })
  planWork(tx, id)
}

/** Job: three days before a trial ends. */
export function announceTrialEnd(tx: Transaction, id: string): void {
  if (tx.find('subscription', id)?.status === 'trialing') {
    tx.emit('customer.subscription.trial_will_end', 'subscription', id)
  }
}

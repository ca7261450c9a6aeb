import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SubscriptionCancellationDetails } from '../stripe.generated.ts'
import { collectInvoice } from './collection.ts'
import { finalizeInvoice } from './finalization.ts'
import { itemLines, type LineDraft } from './line-drafts.ts'
import { usageOfItem } from './lines.ts'
import { creditItem } from './proration-items.ts'
import { isMeteredPrice } from './subscription-items.ts'
import { invoiceSubscription } from './subscription-invoice.ts'
import { isEnded, itemsOf, planWork } from './subscription-work.ts'

type Subscription = Documents['subscription']

interface Ending {
  readonly reason: SubscriptionCancellationDetails['reason']
  readonly comment?: string | null | undefined
  readonly feedback?: SubscriptionCancellationDetails['feedback'] | undefined
  /** Bills usage and whatever waits, at once. */
  readonly invoicesNow?: boolean | undefined
  /** Credits the unused time of licensed items. */
  readonly prorates?: boolean | undefined
  /** The end had been set for now: usage up to it is billed, with the usual time for late events. */
  readonly isScheduled?: boolean | undefined
  /** For previews: the instant it will end; now otherwise. */
  readonly at?: number | undefined
}

/** Ends a subscription for good. */
export function endSubscription(tx: Transaction, id: string, ending: Ending): void {
  const subscription = tx.get('subscription', id)
  const now = ending.at ?? tx.now(subscription.test_clock)
  if (ending.prorates === true && subscription.status !== 'trialing') {
    for (const item of itemsOf(tx, id)) creditItem(tx, subscription, item, now)
  }
  const final = finalInvoice(tx, id, ending, now)
  const details = subscription.cancellation_details
  tx.update('subscription', id, {
    status: 'canceled',
    canceled_at: subscription.canceled_at ?? now,
    cancellation_details: {
      comment: ending.comment ?? details?.comment ?? null,
      feedback: ending.feedback ?? details?.feedback ?? null,
      feedback_option: details?.feedback_option ?? null,
      reason: details?.reason ?? ending.reason,
    },
    ended_at: now,
    pending_setup_intent: null,
    inner: { ...subscription.inner, pendingUpdate: null, openingInvoice: null },
  })
  stopCollecting(tx, id, final?.id)
  planWork(tx, id)
  tx.emit('customer.subscription.deleted', 'subscription', id)
  tx.notify({ type: 'subscription.changed', id })
  tx.notify({ type: 'subscription.ended', id })
  if (final !== null && ending.invoicesNow === true) {
    finalizeInvoice(tx, final.id)
    if (tx.get('invoice', final.id).status === 'open') {
      collectInvoice(tx, final.id, { presence: 'deferred', isAutomatic: true })
    }
  }
}

function finalInvoice(
  tx: Transaction,
  id: string,
  ending: Ending,
  now: number,
): Documents['invoice'] | null {
  const isWanted = ending.invoicesNow === true || ending.isScheduled === true
  const subscription = tx.get('subscription', id)
  if (!isWanted || subscription.status === 'incomplete') return null
  const drafts = usageLines(tx, subscription, now, ending.isScheduled === true)
  return invoiceSubscription(tx, id, {
    reason: ending.isScheduled === true ? 'subscription_cycle' : 'subscription_update',
    drafts,
    period: { start: earliestStart(tx, id, now), end: now },
    isDraft: ending.isScheduled === true,
    isAutoAdvancing: true,
  })
}

/** Usage nobody has billed yet. At a scheduled end the line stands even at zero: events may still arrive late. */
export function usageLines(
  tx: Transaction,
  subscription: Subscription,
  until: number,
  includesZero: boolean,
): readonly LineDraft[] {
  return itemsOf(tx, subscription.id)
    .filter((item) => isMeteredPrice(tx, item.price) && item.inner.usageFrom < until)
    .flatMap((item) => {
      const period = { start: item.inner.usageFrom, end: until }
      const usage = usageOfItem(tx, item, subscription.customer, period)
      if (usage === 0n && !includesZero) return []
      return itemLines(tx, subscription, item, period, usage)
    })
}

function earliestStart(tx: Transaction, id: string, now: number): number {
  return Math.min(now, ...itemsOf(tx, id).map((item) => item.current_period_start))
}

/** Invoices of an ended subscription stay as they are, and nobody goes on collecting them. */
function stopCollecting(tx: Transaction, id: string, except: string | undefined): void {
  for (const invoice of tx.where('invoice', 'inner.subscription', id)) {
    const isOpen = invoice.status === 'open' || invoice.status === 'draft'
    if (!isOpen || invoice.id === except) continue
    tx.unschedule(`finalize:${invoice.id}`)
    tx.unschedule(`retry:${invoice.id}`)
    if (invoice.auto_advance !== true) continue
    tx.update('invoice', invoice.id, {
      auto_advance: false,
      automatically_finalizes_at: null,
      next_payment_attempt: null,
    })
  }
}

/** Job: the time set by `cancel_at` has come. */
export function cancelAsPlanned(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription === undefined || isEnded(subscription)) return
  const now = tx.now(subscription.test_clock)
  const isEarly = itemsOf(tx, id).some((item) => item.current_period_end > now)
  endSubscription(tx, id, {
    reason: 'cancellation_requested',
    isScheduled: true,
    prorates: isEarly && subscription.inner.cancelProration !== 'none',
  })
}

/** Reaction: a deleted customer's subscriptions end at once, without a last invoice. */
export function endAllOfCustomer(tx: Transaction, customer: string): void {
  for (const subscription of tx.where('subscription', 'customer', customer)) {
    if (!isEnded(subscription)) {
      endSubscription(tx, subscription.id, { reason: 'cancellation_requested' })
    }
  }
}

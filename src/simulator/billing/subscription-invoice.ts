import { settingsOf } from '../store/settings.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { insertInvoice } from './invoice-creation.ts'
import { attachPendingItems } from './invoice-item-creation.ts'
import type { LineDraft } from './line-drafts.ts'
import { insertLine } from './lines.ts'
import { consumeOnceDiscounts, recordDebit } from './subscription-invoicing.ts'
import { scheduleFinalization } from './subscription-opening.ts'
import { addUp } from './totals.ts'

interface SubscriptionInvoice {
  readonly reason: 'subscription_cycle' | 'subscription_update' | 'subscription_threshold'
  readonly drafts: readonly LineDraft[]
  readonly period: { readonly start: number; readonly end: number }
  readonly prorationDate?: number | undefined
  /** Renewals stay open for a while; what is invoiced on request is finalized at once. */
  readonly isDraft: boolean
  /** False where Stripe leaves it to the merchant to go on: unpaid or paused collection, updates. */
  readonly isAutoAdvancing: boolean
}

/**
 * Makes an invoice of a subscription in the middle of its life, with everything that waits for one. Null when there is
 * nothing to put on it.
 */
export function invoiceSubscription(
  tx: Transaction,
  id: string,
  given: SubscriptionInvoice,
): Documents['invoice'] | null {
  const subscription = tx.get('subscription', id)
  const undo = tx.savepoint()
  const now = tx.now(subscription.test_clock)
  const invoice = insertInvoice(tx, {
    customer: subscription.customer,
    currency: subscription.currency,
    billingReason: given.reason,
    collectionMethod: subscription.collection_method,
    isAutoAdvancing: given.isAutoAdvancing,
    finalizesAt: given.isDraft && given.isAutoAdvancing ? now + settingsOf(tx).draftSeconds : null,
    period: given.period,
    subscription,
    prorationDate: given.prorationDate,
    daysUntilDue: subscription.days_until_due,
  })
  const waiting = attachPendingItems(tx, invoice.id)
  for (const draft of given.drafts) {
    const line = insertLine(tx, invoice.id, draft)
    if (draft.isMetered) continue
    const { start: openFrom } = line.period
    recordDebit(tx, draft.subscriptionItem, { source: 'line_item', id: line.id, openFrom })
  }
  if (given.drafts.length + waiting === 0) {
    undo()
    return null
  }
  addUp(tx, invoice.id)
  consumeOnceDiscounts(tx, invoice.id)
  tx.update('subscription', id, { latest_invoice: invoice.id })
  tx.emit('invoice.created', 'invoice', invoice.id)
  scheduleFinalization(tx, invoice.id)
  return tx.get('invoice', invoice.id)
}

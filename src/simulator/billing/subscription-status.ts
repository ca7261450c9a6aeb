import { settingsOf } from '../store/settings.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { endSubscription } from './cancellation.ts'
import { pauseAfterFailure, resumeAfterPayment } from './pausing.ts'
import { applyPendingUpdate } from './pending-updates.ts'
import { voidInvoice } from './settlement.ts'
import { isEnded, planWork } from './subscription-work.ts'

type Subscription = Documents['subscription']
type Invoice = Documents['invoice']

/** Changes a subscription's status and everything that hangs on it. */
export function setStatus(
  tx: Transaction,
  id: string,
  status: Subscription['status'],
  change: Partial<Subscription> = {},
): void {
  tx.update('subscription', id, { status, ...change })
  planWork(tx, id)
  tx.notify({ type: 'subscription.changed', id })
}

/** Reaction: an invoice was paid, voided or given up. */
export function onInvoiceClosed(tx: Transaction, invoiceId: string): void {
  const invoice = tx.get('invoice', invoiceId)
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  if (subscription === undefined || isEnded(subscription)) return
  const { pendingUpdate, openingInvoice } = subscription.inner
  if (pendingUpdate?.invoice === invoiceId && invoice.status === 'paid') {
    applyPendingUpdate(tx, subscription.id)
  }
  if (openingInvoice === invoiceId) closeOpening(tx, subscription, invoice)
  else recover(tx, subscription.id)
  setDelinquent(tx, subscription.customer)
}

/** The invoice a subscription began, or was resumed, with. */
function closeOpening(tx: Transaction, subscription: Subscription, invoice: Invoice): void {
  const inner = { ...subscription.inner, openingInvoice: null }
  if (subscription.status === 'paused') {
    tx.update('subscription', subscription.id, { inner })
    if (invoice.status !== 'void') resumeAfterPayment(tx, subscription.id)
    return
  }
  if (subscription.status !== 'incomplete') return
  if (invoice.status === 'paid') {
    setStatus(tx, subscription.id, 'active', { inner })
  } else if (invoice.status === 'void') {
    setStatus(tx, subscription.id, 'incomplete_expired', {
      ended_at: tx.now(subscription.test_clock),
      inner,
    })
  }
}

/**
 * A subscription in arrears is well again when its newest invoice is settled. Voiding the newest makes the one before it
 * count, back to the first.
 */
function recover(tx: Transaction, id: string): void {
  const subscription = tx.get('subscription', id)
  if (subscription.status !== 'past_due' && subscription.status !== 'unpaid') return
  const newest = tx
    .where('invoice', 'inner.subscription', id)
    .toReversed()
    .find(({ status }) => status !== 'void' && status !== 'draft')
  const isSettled =
    newest === undefined || newest.status === 'paid' || newest.status === 'uncollectible'
  if (isSettled) setStatus(tx, id, 'active')
}

/** Reaction: an attempt to collect an invoice failed; after the final one the account's choice is carried out. */
export function onInvoiceUnpaid(tx: Transaction, invoiceId: string, isFinal: boolean): void {
  const invoice = tx.get('invoice', invoiceId)
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  if (subscription === undefined || isEnded(subscription)) return
  const isOpening = subscription.inner.openingInvoice === invoiceId
  const isPending = subscription.inner.pendingUpdate?.invoice === invoiceId
  if (isOpening || isPending) return
  if (subscription.status === 'active' || subscription.status === 'trialing') {
    setStatus(tx, subscription.id, 'past_due')
  }
  setDelinquent(tx, subscription.customer)
  if (isFinal && tx.get('subscription', subscription.id).status === 'past_due') {
    giveUp(tx, subscription.id)
  }
}

function giveUp(tx: Transaction, id: string): void {
  const action = settingsOf(tx).afterRetries
  switch (action) {
    case 'cancel':
      endSubscription(tx, id, { reason: 'payment_failed' })
      return
    case 'unpaid':
      setStatus(tx, id, 'unpaid')
      return
    case 'pause':
      pauseAfterFailure(tx, id)
      return
    case 'past_due':
      return
  }
}

/** Whether the customer's latest automatic invoice went unpaid. */
function setDelinquent(tx: Transaction, customerId: string): void {
  const customer = tx.get('customer', customerId)
  const isDelinquent = tx
    .where('invoice', 'customer', customerId)
    .some(
      (invoice) =>
        invoice.status === 'open' &&
        invoice.attempted &&
        invoice.collection_method === 'charge_automatically' &&
        invoice.billing_reason !== 'subscription_create',
    )
  if (customer.delinquent !== isDelinquent && !customer.inner.isDeleted) {
    tx.update('customer', customerId, { delinquent: isDelinquent })
  }
}

/** Job: 23 hours have passed and the first payment was not made. */
export function expireIncomplete(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription?.status !== 'incomplete') return
  const { openingInvoice } = subscription.inner
  if (openingInvoice !== null) voidInvoice(tx, openingInvoice)
}

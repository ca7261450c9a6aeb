import { changeBalance } from '../customers/balance.ts'
import { cancelIntent } from '../payments/capture.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { returnBillingCredits } from './credit-application.ts'

type Invoice = Documents['invoice']

/** What made an invoice paid: money through Stripe, money outside of it, or a credit note over all that was open. */
type Settling = 'payment' | 'out_of_band' | 'credit_note'

/** How an open invoice ends: paid, void or given up. What that means for a subscription is said in reactions. */
export function markPaid(tx: Transaction, id: string, by: Settling): void {
  const invoice = tx.get('invoice', id)
  const now = tx.now(invoice.test_clock)
  const isOutOfBand = by === 'out_of_band'
  tx.update('invoice', id, {
    status: 'paid',
    amount_paid: isOutOfBand ? invoice.amount_due : invoice.amount_paid,
    ...(isOutOfBand ? { amount_paid_off_stripe: invoice.amount_remaining } : {}),
    amount_remaining: 0,
    attempted: true,
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: { ...invoice.status_transitions, paid_at: now },
    inner: { ...invoice.inner, attempt: null },
  })
  forgetDueWork(tx, id)
  if (by !== 'payment') cancelOpenPayments(tx, id, 'automatic')
  tx.emit('invoice.paid', 'invoice', id)
  if (by === 'payment') tx.emit('invoice.payment_succeeded', 'invoice', id)
  tx.notify({ type: 'invoice.closed', id })
}

/** A credit note takes from what is still to pay, or gives it back when it is voided. */
export function changeAmountDue(tx: Transaction, id: string, change: number): void {
  const invoice = tx.get('invoice', id)
  const remaining = invoice.amount_remaining + change
  tx.update('invoice', id, {
    amount_due: invoice.amount_due + change,
    amount_remaining: remaining,
  })
  if (remaining === 0) {
    markPaid(tx, id, 'credit_note')
    return
  }
  for (const payment of tx.where('invoice_payment', 'invoice', id)) {
    const { paymentIntent } = payment.inner
    if (payment.status !== 'open' || !payment.is_default || paymentIntent === null) continue
    tx.update('invoice_payment', payment.id, { amount_requested: remaining })
    tx.update('payment_intent', paymentIntent, { amount: remaining })
  }
}

export function voidInvoice(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  if (invoice.status !== 'open' && invoice.status !== 'uncollectible') {
    throw invalidRequest({
      message: `You can only pass in open or uncollectible invoices to be voided. This invoice isn't open (it is ${invoice.status}).`,
    })
  }
  if (invoice.amount_paid > 0) {
    throw invalidRequest({
      message: 'You cannot void an invoice with payments applied. Use a credit note instead.',
    })
  }
  tx.update('invoice', id, {
    status: 'void',
    auto_advance: false,
    next_payment_attempt: null,
    status_transitions: {
      ...invoice.status_transitions,
      voided_at: tx.now(invoice.test_clock),
    },
  })
  forgetDueWork(tx, id)
  cancelOpenPayments(tx, id, 'void_invoice')
  giveBackBalance(tx, invoice)
  returnBillingCredits(tx, id)
  tx.emit('invoice.voided', 'invoice', id)
  tx.notify({ type: 'invoice.closed', id })
}

type UncollectibleReason =
  | 'max_payment_attempts'
  | 'payment_not_received'
  | 'subscription_canceled'
  | 'subscription_paused'
  | 'user_forgiven'

export function markUncollectible(
  tx: Transaction,
  id: string,
  reason: UncollectibleReason = 'user_forgiven',
): void {
  const invoice = tx.get('invoice', id)
  if (invoice.status !== 'open') {
    throw invalidRequest({
      message: `Only open invoices can be marked as uncollectible; this one is ${invoice.status}.`,
    })
  }
  tx.update('invoice', id, {
    status: 'uncollectible',
    auto_advance: false,
    next_payment_attempt: null,
    status_details: { uncollectible: { reason } },
    status_transitions: {
      ...invoice.status_transitions,
      marked_uncollectible_at: tx.now(invoice.test_clock),
    },
  })
  forgetDueWork(tx, id)
  tx.emit('invoice.marked_uncollectible', 'invoice', id)
  tx.notify({ type: 'invoice.closed', id })
}

function forgetDueWork(tx: Transaction, id: string): void {
  for (const name of ['finalize', 'retry', 'due']) tx.unschedule(`${name}:${id}`)
}

function cancelOpenPayments(
  tx: Transaction,
  id: string,
  reason: 'void_invoice' | 'automatic',
): void {
  for (const payment of tx.where('invoice_payment', 'invoice', id)) {
    if (payment.status !== 'open') continue
    tx.update('invoice_payment', payment.id, {
      status: 'canceled',
      status_transitions: {
        ...payment.status_transitions,
        canceled_at: tx.now(tx.get('invoice', id).test_clock),
      },
    })
    const intent = payment.inner.paymentIntent
    if (intent !== null && tx.get('payment_intent', intent).status !== 'succeeded') {
      cancelIntent(tx, intent, reason)
    }
  }
}

function giveBackBalance(tx: Transaction, invoice: Invoice): void {
  const { appliedBalance } = invoice.inner
  if (appliedBalance === 0 || invoice.customer === null) return
  changeBalance(tx, invoice.customer, {
    amount: -appliedBalance,
    currency: invoice.currency,
    type: 'unapplied_from_invoice',
    invoice: invoice.id,
  })
  tx.update('invoice', invoice.id, { inner: { ...invoice.inner, appliedBalance: 0 } })
}

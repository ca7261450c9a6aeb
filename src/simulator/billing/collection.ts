import { attemptPayment, type AttemptResult } from '../payments/attempt.ts'
import { checkUsable } from '../payments/confirm.ts'
import { settingsOf } from '../store/settings.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { markPaid } from './settlement.ts'
import { isUnset } from '../wire/changed.ts'

type Invoice = Documents['invoice']

export type CollectionResult = AttemptResult | { readonly kind: 'no_method' }

interface CollectOptions {
  /** The customer is there, or is written to when the bank asks for them. */
  readonly presence: 'on_session' | 'off_session' | 'deferred'
  /** Automatic attempts are counted and retried; what somebody starts by hand is not. */
  readonly isAutomatic: boolean
  readonly paymentMethod?: string | undefined
}

/** Tries to collect an open invoice. What follows from the result happens in `onInvoicePaymentSettled`. */
export function collectInvoice(
  tx: Transaction,
  id: string,
  { presence, isAutomatic, paymentMethod }: CollectOptions,
): CollectionResult {
  const invoice = tx.get('invoice', id)
  const counts = isAutomatic || invoice.attempt_count === 0
  const method = paymentMethod ?? methodFor(tx, invoice)
  tx.update('invoice', id, {
    attempted: true,
    attempt_count: invoice.attempt_count + (counts ? 1 : 0),
    inner: { ...invoice.inner, attempt: isAutomatic ? 'automatic' : 'manual' },
  })
  if (method === null) {
    noteFailure(tx, id, null)
    return { kind: 'no_method' }
  }
  const intent = openIntent(tx, id)
  checkUsable(tx, method, invoice.customer)
  tx.update('payment_intent', intent.id, {
    payment_method: method,
    inner: { ...intent.inner, challenge: 'none' },
  })
  return attemptPayment(tx, intent.id, { presence })
}

/** The payment of an invoice that still asks for money. */
export function openIntent(tx: Transaction, invoiceId: string): Documents['payment_intent'] {
  const payment = tx
    .where('invoice_payment', 'invoice', invoiceId)
    .findLast(({ status, is_default: isDefault }) => status === 'open' && isDefault)
  if (isUnset(payment?.inner.paymentIntent)) throw new Error(`${invoiceId} has no open payment`)
  return tx.get('payment_intent', payment.inner.paymentIntent)
}

/** Stripe's order: what is nearest to the invoice wins. A method that was detached since cannot be charged. */
export function methodFor(tx: Transaction, invoice: Invoice): string | null {
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  const customer = tx.get('customer', invoice.customer ?? '')
  const candidates = [
    invoice.default_payment_method,
    invoice.default_source,
    subscription?.default_payment_method,
    subscription?.default_source,
    customer.invoice_settings.default_payment_method,
    customer.default_source,
  ].filter((id) => !isUnset(id))
  return candidates.find((id) => tx.find('payment_method', id)?.inner.isSpent !== true) ?? null
}

/** Reaction: a payment that belongs to an invoice has come to an end, or waits for the customer. */
export function onInvoicePaymentSettled(tx: Transaction, intentId: string): void {
  const intent = tx.get('payment_intent', intentId)
  for (const payment of tx.where('invoice_payment', 'inner.paymentIntent', intentId)) {
    if (payment.status !== 'open') continue
    if (intent.status === 'succeeded') takePayment(tx, payment, intent)
    else if (intent.status !== 'canceled' && intent.status !== 'processing')
      noteFailure(tx, payment.invoice, intent)
  }
}

function takePayment(
  tx: Transaction,
  payment: Documents['invoice_payment'],
  intent: Documents['payment_intent'],
): void {
  const invoice = tx.get('invoice', payment.invoice)
  const amount = Math.min(intent.amount_received, invoice.amount_remaining)
  tx.update('invoice_payment', payment.id, {
    amount_paid: amount,
    status: 'paid',
    status_transitions: {
      ...payment.status_transitions,
      paid_at: tx.now(invoice.test_clock),
    },
  })
  tx.emit('invoice_payment.paid', 'invoice_payment', payment.id)
  keepAsDefault(tx, invoice, intent.payment_method)
  const remaining = invoice.amount_remaining - amount
  tx.update('invoice', invoice.id, {
    amount_paid: invoice.amount_paid + amount,
    amount_remaining: remaining,
  })
  if (remaining === 0) markPaid(tx, invoice.id, 'payment')
}

function keepAsDefault(tx: Transaction, invoice: Invoice, method: string | null): void {
  const subscription = tx.find('subscription', invoice.inner.subscription ?? '')
  const wish = subscription?.payment_settings?.save_default_payment_method
  if (subscription === undefined || method === null || wish !== 'on_subscription') return
  tx.update('subscription', subscription.id, { default_payment_method: method })
}

/** An attempt failed, or needs the customer. The next automatic one is announced in the same event. */
function noteFailure(
  tx: Transaction,
  id: string,
  intent: Documents['payment_intent'] | null,
): void {
  const invoice = tx.get('invoice', id)
  const isAutomatic = invoice.inner.attempt === 'automatic' && invoice.auto_advance === true
  const now = tx.now(invoice.test_clock)
  const firstFailedAt = invoice.inner.firstFailedAt ?? now
  const wait = settingsOf(tx).paymentRetrySeconds[invoice.inner.retries]
  const nextAttempt = isAutomatic && wait !== undefined ? firstFailedAt + wait : null
  tx.update('invoice', id, {
    attempted: true,
    next_payment_attempt: isAutomatic ? nextAttempt : invoice.next_payment_attempt,
    inner: {
      ...invoice.inner,
      attempt: null,
      firstFailedAt: isAutomatic ? firstFailedAt : invoice.inner.firstFailedAt,
      refusedMethod: hardRefusal(tx, intent),
    },
  })
  if (intent?.status === 'requires_action') {
    tx.emit('invoice.payment_action_required', 'invoice', id)
  }
  tx.emit('invoice.payment_failed', 'invoice', id)
  if (nextAttempt !== null) {
    tx.schedule({
      id: `retry:${id}`,
      type: 'invoice.retry',
      clock: invoice.test_clock,
      dueAt: nextAttempt,
      rank: 30,
      subject: id,
    })
  }
  tx.notify({ type: 'invoice.unpaid', id, isFinal: isAutomatic && nextAttempt === null })
}

/** The method whose bank said never again, if it did. */
function hardRefusal(tx: Transaction, intent: Documents['payment_intent'] | null): string | null {
  const charge = tx.find('charge', intent?.latest_charge ?? '')
  return charge?.outcome?.advice_code === 'do_not_try_again' ? charge.payment_method : null
}

/** Job: the time for another automatic attempt has come. */
export function retryInvoice(tx: Transaction, id: string): void {
  const invoice = tx.find('invoice', id)
  if (invoice?.status !== 'open' || invoice.auto_advance !== true) return
  tx.update('invoice', id, {
    next_payment_attempt: null,
    inner: { ...invoice.inner, retries: invoice.inner.retries + 1 },
  })
  const { refusedMethod } = invoice.inner
  if (refusedMethod !== null && methodFor(tx, invoice) === refusedMethod) {
    skipAttempt(tx, id)
    return
  }
  collectInvoice(tx, id, { presence: 'deferred', isAutomatic: true })
}

/** The bank forbade another try with this card: the schedule goes on without one. */
function skipAttempt(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  const now = tx.now(invoice.test_clock)
  const wait = settingsOf(tx).paymentRetrySeconds[invoice.inner.retries]
  if (wait === undefined) {
    tx.notify({ type: 'invoice.unpaid', id, isFinal: true })
    return
  }
  const nextAttempt = (invoice.inner.firstFailedAt ?? now) + wait
  tx.update('invoice', id, { next_payment_attempt: nextAttempt })
  tx.schedule({
    id: `retry:${id}`,
    type: 'invoice.retry',
    clock: invoice.test_clock,
    dueAt: nextAttempt,
    rank: 30,
    subject: id,
  })
}

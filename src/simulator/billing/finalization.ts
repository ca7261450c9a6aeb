import { changeBalance } from '../customers/balance.ts'
import { insertPaymentIntent, minimumCharge } from '../payments/intent-creation.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { onInvoicePaymentSettled } from './collection.ts'
import { applyBillingCredits } from './credit-application.ts'
import { refreshMeteredLines } from './lines.ts'
import { markPaid } from './settlement.ts'
import { addUp } from './totals.ts'

type Invoice = Documents['invoice']

/**
 * Turns a draft into a demand: usage is read for the last time, the customer's balance is applied, the invoice gets its
 * number, and from now on nothing on it changes. What needs no payment is paid at once.
 */
export function finalizeInvoice(
  tx: Transaction,
  id: string,
  options: { readonly paidBy?: string } = {},
): void {
  const draft = tx.get('invoice', id)
  if (draft.status !== 'draft') {
    throw invalidRequest({
      code: 'invoice_not_editable',
      message: 'This invoice is already finalized, you can’t finalize it again.',
    })
  }
  if (!canBeTaxed(tx, draft)) return
  refreshMeteredLines(tx, id)
  addUp(tx, id)
  applyBillingCredits(tx, id)
  const totaled = addUp(tx, id)
  const now = tx.now(draft.test_clock)
  const { amountDue, endingBalance, applied } = applyBalance(tx, totaled)
  tx.update('invoice', id, {
    status: 'open',
    amount_due: amountDue,
    amount_remaining: amountDue,
    automatically_finalizes_at: null,
    effective_at: draft.effective_at ?? now,
    ending_balance: endingBalance,
    hosted_invoice_url: `${tx.realm.baseUrl}/i/${id}`,
    invoice_pdf: `${tx.realm.baseUrl}/i/${id}/pdf`,
    number: draft.number ?? takeNumber(tx, draft),
    ...(totaled.automatic_tax.enabled
      ? { automatic_tax: { ...totaled.automatic_tax, provider: 'stripe', status: 'complete' } }
      : {}),
    status_transitions: { ...draft.status_transitions, finalized_at: now },
    inner: { ...tx.get('invoice', id).inner, appliedBalance: applied },
  })
  tx.unschedule(`finalize:${id}`)
  tx.emit('invoice.finalized', 'invoice', id)
  if (amountDue === 0) {
    markPaid(tx, id, 'payment')
    return
  }
  insertDefaultPayment(tx, id, options.paidBy)
  scheduleDueDate(tx, id)
}

/** Automatic tax needs to know where the customer is; without it finalizing fails and says so. */
function canBeTaxed(tx: Transaction, invoice: Invoice): boolean {
  if (!invoice.automatic_tax.enabled || invoice.customer_address?.country) return true
  tx.update('invoice', invoice.id, {
    automatic_tax: { ...invoice.automatic_tax, status: 'requires_location_inputs' },
    last_finalization_error: {
      type: 'invalid_request_error',
      code: 'customer_tax_location_invalid',
      message:
        "The customer's location isn't recognized. Set a valid customer address in order to automatically calculate tax.",
    },
  })
  tx.emit('invoice.finalization_failed', 'invoice', invoice.id)
  return false
}

interface BalanceResult {
  readonly amountDue: number
  readonly endingBalance: number
  /** What went onto the customer's balance; negative took credit away from the customer's debt. */
  readonly applied: number
}

/** Credit pays first, debt is added, a negative total becomes credit, and what is too small to charge waits. */
function applyBalance(tx: Transaction, invoice: Invoice): BalanceResult {
  const customer = tx.get('customer', invoice.customer ?? '')
  const change = (amount: number, type: 'applied_to_invoice' | 'invoice_too_small') =>
    changeBalance(tx, customer.id, {
      amount,
      type,
      currency: invoice.currency,
      invoice: invoice.id,
    })
  const { balance } = customer
  const wanted = invoice.total + balance
  if (wanted <= 0) {
    // All of the total is covered, or there is more credit than before.
    if (invoice.total !== 0) change(invoice.total, 'applied_to_invoice')
    return { amountDue: 0, endingBalance: wanted, applied: invoice.total }
  }
  if (balance !== 0) change(-balance, 'applied_to_invoice')
  if (
    wanted < minimumCharge(invoice.currency) &&
    invoice.collection_method === 'charge_automatically'
  ) {
    change(wanted, 'invoice_too_small')
    return { amountDue: 0, endingBalance: wanted, applied: wanted - balance }
  }
  return { amountDue: wanted, endingBalance: 0, applied: -balance }
}

function takeNumber(tx: Transaction, invoice: Invoice): string {
  const customer = tx.get('customer', invoice.customer ?? '')
  const sequence = customer.next_invoice_sequence ?? 1
  tx.update('customer', customer.id, {
    next_invoice_sequence: sequence + 1,
    // The first invoice decides in which currency the customer is billed.
    currency: customer.currency ?? invoice.currency,
  })
  return `${customer.invoice_prefix}-${String(sequence).padStart(4, '0')}`
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  subscription_create: 'Subscription creation',
  subscription_cycle: 'Subscription update',
  subscription_update: 'Subscription update',
}

/** The payment that follows the invoice's remaining amount. It is the invoice's, not the merchant's, to change. */
function insertDefaultPayment(tx: Transaction, id: string, paidBy: string | undefined): void {
  const invoice = tx.get('invoice', id)
  const intentId = paidBy ?? createIntent(tx, invoice)
  tx.insert('invoice_payment', {
    id: tx.newId('inpay'),
    object: 'invoice_payment',
    amount_paid: null,
    amount_requested: invoice.amount_remaining,
    created: tx.now(invoice.test_clock),
    currency: invoice.currency,
    invoice: id,
    is_default: true,
    livemode: tx.realm.isLive,
    payment: { payment_intent: intentId, type: 'payment_intent' },
    status: 'open',
    status_transitions: { canceled_at: null, paid_at: null },
    inner: { paymentIntent: intentId },
  })
  if (paidBy === undefined) return
  const intent = tx.get('payment_intent', paidBy)
  tx.update('payment_intent', paidBy, { inner: { ...intent.inner, invoice: id } })
  onInvoicePaymentSettled(tx, paidBy)
}

function createIntent(tx: Transaction, invoice: Invoice): string {
  const isRecurring = invoice.inner.subscription !== null
  return insertPaymentIntent(tx, {
    amount: invoice.amount_remaining,
    currency: invoice.currency,
    customer: invoice.customer,
    clock: invoice.test_clock,
    description: DESCRIPTIONS[invoice.billing_reason ?? ''] ?? 'Payment for Invoice',
    captureMethod: 'automatic',
    receiptEmail: null,
    setupFutureUsage: isRecurring ? 'off_session' : null,
    statementDescriptor: invoice.statement_descriptor,
    invoice: invoice.id,
  }).id
}

function scheduleDueDate(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  if (invoice.collection_method !== 'send_invoice' || invoice.due_date === null) return
  tx.schedule({
    id: `due:${id}`,
    type: 'invoice.due',
    clock: invoice.test_clock,
    dueAt: invoice.due_date,
    rank: 40,
    subject: id,
  })
}

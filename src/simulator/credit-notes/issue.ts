import { groupSums, groupTaxes, sumOf } from '../billing/totals.ts'
import { changeAmountDue } from '../billing/settlement.ts'
import { changeBalance } from '../customers/balance.ts'
import { createRefund } from '../payments/refunds.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  CreditNoteCreateParams,
  CreditNoteLineItem,
  CreditNoteRefund,
} from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { creditLines, creditOfAmount, exclusiveTax } from './credit-lines.ts'

type Invoice = Documents['invoice']
type CreditNote = Documents['credit_note']

/**
 * Takes back part of a finalized invoice. What is still open is reduced first; the rest has been paid, so it goes to the
 * customer's balance, back to where it came from, or is settled outside of Stripe, as the request says.
 */
export function issueCreditNote(
  tx: Transaction,
  params: CreditNoteCreateParams,
  { isPreview }: { readonly isPreview: boolean },
): CreditNote {
  const invoice = getReferenced(tx, 'invoice', params.invoice, 'invoice')
  requireFinalized(invoice)
  const lines = readLines(tx, invoice, params)
  const totals = totalsOf(lines)
  requireCreditable(tx, invoice, totals.total)
  const open = invoice.status === 'paid' ? 0 : invoice.amount_remaining
  const prePayment = Math.min(open, totals.total)
  const postPayment = totals.total - prePayment
  const linked = linkedRefunds(tx, invoice, params)
  const isSplit = [
    params.refund_amount,
    params.refunds,
    params.credit_amount,
    params.out_of_band_amount,
  ].some((part) => part !== undefined)
  if (!isPreview || isSplit) requireSplit(params, linked, postPayment)
  const id = tx.newId('cn')
  const now = tx.now(invoice.test_clock)
  const note = tx.insert('credit_note', {
    id,
    object: 'credit_note',
    amount: totals.total,
    amount_shipping: 0,
    created: now,
    currency: invoice.currency,
    customer: invoice.customer ?? '',
    customer_account: null,
    customer_balance_transaction: null,
    effective_at: params.effective_at ?? now,
    invoice: invoice.id,
    livemode: tx.realm.isLive,
    memo: params.memo ?? null,
    metadata: newMetadata(params.metadata),
    number: numberOf(tx, invoice),
    out_of_band_amount: params.out_of_band_amount ?? null,
    pdf: `${tx.realm.baseUrl}/credit_notes/${id}/pdf`,
    post_payment_amount: postPayment,
    pre_payment_amount: prePayment,
    reason: params.reason ?? null,
    refunds: linked,
    shipping_cost: null,
    status: 'issued',
    type: prePayment === 0 ? 'post_payment' : postPayment === 0 ? 'pre_payment' : 'mixed',
    voided_at: null,
    ...totals,
    inner: { lines },
  })
  settle(tx, note, params)
  tx.emit('credit_note.created', 'credit_note', id)
  return tx.get('credit_note', id)
}

/** Takes a credit note back. Possible while its invoice is open: money that was returned stays returned. */
export function voidCreditNote(tx: Transaction, note: CreditNote): void {
  const invoice = tx.get('invoice', note.invoice)
  if (note.status === 'void') {
    throw invalidRequest({ message: `The credit note ${note.id} is already void.` })
  }
  if (invoice.status !== 'open') {
    throw invalidRequest({
      message: `Credit notes can only be voided while their invoice is open; ${invoice.id} is ${invoice.status}.`,
    })
  }
  tx.update('credit_note', note.id, { status: 'void', voided_at: tx.now(invoice.test_clock) })
  tx.update('invoice', invoice.id, {
    pre_payment_credit_notes_amount:
      invoice.pre_payment_credit_notes_amount - note.pre_payment_amount,
  })
  changeAmountDue(tx, invoice.id, note.pre_payment_amount)
  tx.emit('credit_note.voided', 'credit_note', note.id)
}

function requireFinalized({ id, status }: Invoice): void {
  if (status === 'open' || status === 'paid' || status === 'uncollectible') return
  throw invalidRequest({
    message: `Credit notes can only be issued for finalized invoices that are not void; ${id} is ${status}.`,
    param: 'invoice',
  })
}

function readLines(
  tx: Transaction,
  invoice: Invoice,
  params: CreditNoteCreateParams,
): readonly CreditNoteLineItem[] {
  if (params.shipping_cost !== undefined) {
    throw invalidRequest({
      message: 'This invoice has no shipping cost to credit.',
      param: 'shipping_cost',
    })
  }
  if (params.amount !== undefined && params.lines !== undefined) {
    throw exclusiveParameters('amount', 'lines')
  }
  if (params.lines !== undefined) return creditLines(tx, invoice, params.lines)
  if (params.amount === undefined) throw missingParameter('amount')
  if (params.amount < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'The amount of a credit note must be at least 1.',
      param: 'amount',
    })
  }
  // Its taxes are a share of the invoice's, so how much there is to share is asked first.
  requireCreditable(tx, invoice, params.amount)
  return [creditOfAmount(tx, invoice, params.amount)]
}

function totalsOf(lines: readonly CreditNoteLineItem[]) {
  const taxes = groupTaxes(lines.flatMap((line) => line.taxes ?? []))
  const discounts = groupSums(lines.flatMap((line) => line.discount_amounts))
  const subtotal = sumOf(lines)
  const net = subtotal - sumOf(discounts)
  const exclusive = exclusiveTax(taxes)
  const inclusive = sumOf(taxes) - exclusive
  return {
    discount_amount: sumOf(discounts),
    discount_amounts: discounts,
    pretax_credit_amounts: discounts.map((entry) => ({ ...entry, type: 'discount' as const })),
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total: net + exclusive,
    total_excluding_tax: net - inclusive,
    total_taxes: taxes,
  }
}

function requireCreditable(tx: Transaction, invoice: Invoice, total: number): void {
  const credited = sumOf(
    tx.where('credit_note', 'invoice', invoice.id).filter(({ status }) => status === 'issued'),
  )
  const rest = invoice.total - credited
  if (total > 0 && total <= rest) return
  throw invalidRequest({
    message: `The amount of credit notes cannot exceed the total of the invoice: ${rest} of ${invoice.total} can still be credited; got ${total}.`,
    param: 'amount',
  })
}

/** Refunds that were made before and are explained by this credit note. */
function linkedRefunds(
  tx: Transaction,
  invoice: Invoice,
  params: CreditNoteCreateParams,
): readonly CreditNoteRefund[] {
  return (params.refunds ?? []).map((given, index) => {
    const path = `refunds[${index}]`
    if (given.type === 'payment_record_refund' || given.refund === undefined) {
      throw missingParameter(`${path}[refund]`)
    }
    const refund = getReferenced(tx, 'refund', given.refund, `${path}[refund]`)
    if (!intentsOf(tx, invoice.id).includes(refund.payment_intent ?? '')) {
      throw invalidRequest({
        message: `The refund ${refund.id} is not of a payment of the invoice ${invoice.id}.`,
        param: `${path}[refund]`,
      })
    }
    const amount = given.amount_refunded ?? refund.amount
    if (amount < 1 || amount > refund.amount) {
      throw invalidRequest({
        message: `The refund ${refund.id} is of ${refund.amount}; got ${amount}.`,
        param: `${path}[amount_refunded]`,
      })
    }
    return {
      amount_refunded: amount,
      payment_record_refund: null,
      refund: refund.id,
      type: 'refund',
    }
  })
}

function requireSplit(
  params: CreditNoteCreateParams,
  linked: readonly CreditNoteRefund[],
  postPayment: number,
): void {
  const refunded = linked.reduce((sum, { amount_refunded: amount }) => sum + amount, 0)
  const sum =
    (params.refund_amount ?? 0) +
    refunded +
    (params.credit_amount ?? 0) +
    (params.out_of_band_amount ?? 0)
  if (sum === postPayment) return
  throw invalidRequest({
    message: `The sum of credit_amount, refund_amount, refunds and out_of_band_amount (${sum}) must equal what the credit note takes back of the amount already paid (${postPayment}).`,
    param: 'credit_amount',
  })
}

function settle(tx: Transaction, note: CreditNote, params: CreditNoteCreateParams): void {
  const { credit_amount: credited = 0, refund_amount: refunded = 0 } = params
  if (credited > 0) {
    const booked = changeBalance(tx, note.customer, {
      amount: -credited,
      creditNote: note.id,
      currency: note.currency,
      invoice: note.invoice,
      type: 'credit_note',
    })
    tx.update('credit_note', note.id, { customer_balance_transaction: booked.id })
  }
  if (refunded > 0) {
    const refund = createRefund(tx, {
      amount: refunded,
      payment_intent: payingIntent(tx, note.invoice),
    })
    tx.update('credit_note', note.id, {
      refunds: [
        ...note.refunds,
        {
          amount_refunded: refunded,
          payment_record_refund: null,
          refund: refund.id,
          type: 'refund',
        },
      ],
    })
  }
  const invoice = tx.get('invoice', note.invoice)
  tx.update('invoice', invoice.id, {
    post_payment_credit_notes_amount:
      invoice.post_payment_credit_notes_amount + note.post_payment_amount,
    pre_payment_credit_notes_amount:
      invoice.pre_payment_credit_notes_amount + note.pre_payment_amount,
  })
  if (note.pre_payment_amount > 0) changeAmountDue(tx, invoice.id, -note.pre_payment_amount)
}

function intentsOf(tx: Transaction, invoice: string): readonly string[] {
  return tx
    .where('invoice_payment', 'invoice', invoice)
    .filter(({ status }) => status === 'paid')
    .map(({ inner }) => inner.paymentIntent ?? '')
}

function payingIntent(tx: Transaction, invoice: string): string {
  const intent = intentsOf(tx, invoice).at(-1)
  if (intent !== undefined) return intent
  throw invalidRequest({
    message: `The invoice ${invoice} was not paid through Stripe, so nothing can be refunded.`,
    param: 'refund_amount',
  })
}

function numberOf(tx: Transaction, invoice: Invoice): string {
  const count = tx.where('credit_note', 'invoice', invoice.id).length + 1
  return `${invoice.number ?? invoice.id}-CN-${String(count).padStart(2, '0')}`
}

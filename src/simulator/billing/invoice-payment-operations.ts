import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { onInvoicePaymentSettled } from './collection.ts'

export const invoicePaymentOperations: Handlers = {
  'GET /v1/invoice_payments': ({ tx, params }) => {
    const intent = params.payment?.payment_intent
    return listPage(tx, 'invoice_payment', {
      url: '/v1/invoice_payments',
      params,
      ...(intent !== undefined
        ? { among: tx.where('invoice_payment', 'inner.paymentIntent', intent) }
        : params.invoice !== undefined
          ? { among: tx.where('invoice_payment', 'invoice', params.invoice) }
          : {}),
      matches: (payment) =>
        (params.invoice === undefined || payment.invoice === params.invoice) &&
        (params.status === undefined || payment.status === params.status) &&
        isInRange(payment.created, params.created),
    })
  },

  'GET /v1/invoice_payments/{id}': ({ tx, id }) =>
    tx.present('invoice_payment', getById(tx, 'invoice_payment', id).id),

  // A payment made elsewhere counts towards the invoice: in full or in part.
  'POST /v1/invoices/{id}/attach_payment': ({ tx, params, id }) => {
    const invoice = getById(tx, 'invoice', id)
    if (params.payment_intent === undefined) throw missingParameter('payment_intent')
    const intent = getReferenced(tx, 'payment_intent', params.payment_intent, 'payment_intent')
    if (invoice.status !== 'open') {
      throw invalidRequest({
        message: `Payments can only be attached to open invoices; this one is ${invoice.status}.`,
      })
    }
    if (intent.customer !== invoice.customer || intent.currency !== invoice.currency) {
      throw invalidRequest({
        message: 'The PaymentIntent must have the customer and the currency of the invoice.',
        param: 'payment_intent',
      })
    }
    tx.insert('invoice_payment', {
      id: tx.newId('inpay'),
      object: 'invoice_payment',
      amount_paid: null,
      amount_requested: Math.min(intent.amount, invoice.amount_remaining),
      created: tx.now(invoice.test_clock),
      currency: invoice.currency,
      invoice: id,
      is_default: false,
      livemode: tx.realm.isLive,
      payment: { payment_intent: intent.id, type: 'payment_intent' },
      status: 'open',
      status_transitions: { canceled_at: null, paid_at: null },
      inner: { paymentIntent: intent.id },
    })
    if (intent.status === 'succeeded') onInvoicePaymentSettled(tx, intent.id)
    return tx.present('invoice', id)
  },
}

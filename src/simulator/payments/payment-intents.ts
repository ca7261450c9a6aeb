import { toCurrency } from '../catalog/amounts.ts'
import { toShipping } from '../customers/address.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PaymentIntentCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest, StripeError } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { clockOfIntent } from './attempt.ts'
import { cancelIntent, captureIntent } from './capture.ts'
import { checkUsable, chosenMethod, confirmIntent, unexpectedState } from './confirm.ts'
import { checkChargeAmount, insertPaymentIntent } from './intent-creation.ts'
import { searchPaymentIntents } from './search.ts'

export const paymentIntentOperations: Handlers = {
  'POST /v1/payment_intents': ({ tx, params }) => {
    const intent = createPaymentIntent(tx, params)
    if (params.confirm === true) {
      // Confirming uses what was just stored; only the session's facts have to be handed on.
      const { off_session, error_on_requires_action, return_url } = params
      confirmIntent(tx, intent.id, { off_session, error_on_requires_action, return_url })
    } else if (params.off_session !== undefined) {
      throw invalidRequest({
        message: 'You cannot set `off_session` unless `confirm` is true.',
        param: 'off_session',
      })
    }
    return tx.present('payment_intent', intent.id)
  },

  'GET /v1/payment_intents': ({ tx, params }) =>
    listPage(tx, 'payment_intent', {
      url: '/v1/payment_intents',
      params,
      ...(params.customer === undefined
        ? {}
        : { among: tx.where('payment_intent', 'customer', params.customer) }),
      matches: (intent) => isInRange(intent.created, params.created),
    }),

  'GET /v1/payment_intents/search': searchPaymentIntents,

  'GET /v1/payment_intents/{id}': ({ tx, id }) =>
    tx.present('payment_intent', getById(tx, 'payment_intent', id).id),

  'POST /v1/payment_intents/{id}': ({ tx, params, id }) => {
    const intent = getById(tx, 'payment_intent', id)
    requireOwnIntent(intent)
    const changesPayment =
      params.amount !== undefined ||
      params.currency !== undefined ||
      params.payment_method !== undefined ||
      params.payment_method_data !== undefined
    const isOpen = ['requires_payment_method', 'requires_confirmation', 'requires_action'].includes(
      intent.status,
    )
    if (changesPayment && !isOpen) throw unexpectedState(intent, 'update')
    const customer =
      params.customer === undefined ? intent.customer : requireCustomer(tx, params.customer).id
    const method = chosenMethod(tx, params)
    if (method !== undefined) checkUsable(tx, method, customer)
    const currency = params.currency === undefined ? intent.currency : toCurrency(params.currency)
    const amount = params.amount ?? intent.amount
    checkChargeAmount(amount, currency)
    tx.update('payment_intent', id, {
      amount,
      currency,
      customer,
      ...(method === undefined
        ? {}
        : { payment_method: method, status: 'requires_confirmation', next_action: null }),
      capture_method: params.capture_method ?? intent.capture_method,
      description: changed(params.description, intent.description),
      metadata: mergeMetadata(intent.metadata, params.metadata),
      receipt_email: changed(params.receipt_email, intent.receipt_email),
      setup_future_usage: changed(params.setup_future_usage, intent.setup_future_usage),
      shipping: params.shipping === undefined ? intent.shipping : toShipping(params.shipping),
      statement_descriptor: changed(params.statement_descriptor, intent.statement_descriptor),
      statement_descriptor_suffix: changed(
        params.statement_descriptor_suffix,
        intent.statement_descriptor_suffix,
      ),
    })
    return tx.present('payment_intent', id)
  },

  'POST /v1/payment_intents/{id}/confirm': ({ tx, params, id }) => {
    confirmIntent(tx, getById(tx, 'payment_intent', id).id, params)
    return tx.present('payment_intent', id)
  },

  'POST /v1/payment_intents/{id}/capture': ({ tx, params, id }) => {
    const intent = getById(tx, 'payment_intent', id)
    if (intent.status !== 'requires_capture') throw unexpectedState(intent, 'capture')
    tx.update('payment_intent', id, { metadata: mergeMetadata(intent.metadata, params.metadata) })
    captureIntent(tx, id, params.amount_to_capture ?? intent.amount)
    return tx.present('payment_intent', id)
  },

  'POST /v1/payment_intents/{id}/cancel': ({ tx, params, id }) => {
    const intent = getById(tx, 'payment_intent', id)
    requireOwnIntent(intent)
    if (['succeeded', 'canceled', 'processing'].includes(intent.status)) {
      throw unexpectedState(intent, 'cancel')
    }
    cancelIntent(tx, id, params.cancellation_reason ?? null)
    return tx.present('payment_intent', id)
  },
}

function createPaymentIntent(
  tx: Transaction,
  params: PaymentIntentCreateParams,
): Documents['payment_intent'] {
  const currency = toCurrency(params.currency)
  checkChargeAmount(params.amount, currency)
  const customer = params.customer === undefined ? null : requireCustomer(tx, params.customer).id
  const method = chosenMethod(tx, params)
  if (method !== undefined) checkUsable(tx, method, customer)
  const threeDSecure = params.payment_method_options?.card?.request_three_d_secure
  return insertPaymentIntent(tx, {
    amount: params.amount,
    currency,
    customer,
    clock: clockOfIntent(tx, { customer }),
    paymentMethod: method ?? null,
    ...(params.capture_method === undefined ? {} : { captureMethod: params.capture_method }),
    ...(params.confirmation_method === undefined
      ? {}
      : { confirmationMethod: params.confirmation_method }),
    description: params.description ?? null,
    metadata: newMetadata(params.metadata),
    receiptEmail: params.receipt_email ?? null,
    returnUrl: params.return_url ?? null,
    setupFutureUsage: params.setup_future_usage ?? null,
    shipping: toShipping(params.shipping),
    statementDescriptor: params.statement_descriptor ?? null,
    statementDescriptorSuffix: params.statement_descriptor_suffix ?? null,
    ...(threeDSecure === undefined ? {} : { requestThreeDSecure: threeDSecure }),
  })
}

/** An invoice's payment follows the invoice: it can be confirmed by its customer, not edited by the merchant. */
function requireOwnIntent(intent: Documents['payment_intent']): void {
  if (intent.inner.invoice === null) return
  throw new StripeError(400, {
    type: 'invalid_request_error',
    message: `The PaymentIntent ${intent.id} was created by the invoice ${intent.inner.invoice} and cannot be changed directly. Update, pay or void the invoice instead.`,
  })
}

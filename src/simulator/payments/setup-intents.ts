import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SetupIntentConfirmParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { clockOfIntent } from './attempt.ts'
import { checkUsable, chosenMethod } from './confirm.ts'
import { attemptSetup, insertSetupIntent, throwIfSetupDeclined } from './setup.ts'

export const setupIntentOperations: Handlers = {
  'POST /v1/setup_intents': ({ tx, params }) => {
    const customer = params.customer === undefined ? null : requireCustomer(tx, params.customer).id
    const method = chosenMethod(tx, params)
    if (method !== undefined) checkUsable(tx, method, customer)
    const threeDSecure = params.payment_method_options?.card?.request_three_d_secure
    const intent = insertSetupIntent(tx, {
      customer,
      clock: clockOfIntent(tx, { customer }),
      paymentMethod: method ?? null,
      description: params.description ?? null,
      metadata: newMetadata(params.metadata),
      returnUrl: params.return_url ?? null,
      ...(params.usage === undefined ? {} : { usage: params.usage }),
      ...(threeDSecure === undefined ? {} : { requestThreeDSecure: threeDSecure }),
    })
    if (params.confirm === true) confirmSetup(tx, intent.id, { return_url: params.return_url })
    return tx.present('setup_intent', intent.id)
  },

  'GET /v1/setup_intents': ({ tx, params }) =>
    listPage(tx, 'setup_intent', {
      url: '/v1/setup_intents',
      params,
      matches: (intent) =>
        (params.customer === undefined || intent.customer === params.customer) &&
        (params.payment_method === undefined || intent.payment_method === params.payment_method) &&
        isInRange(intent.created, params.created),
    }),

  'GET /v1/setup_intents/{id}': ({ tx, id }) =>
    tx.present('setup_intent', getById(tx, 'setup_intent', id).id),

  'POST /v1/setup_intents/{id}': ({ tx, params, id }) => {
    const intent = getById(tx, 'setup_intent', id)
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw unexpectedSetupState(intent, 'update')
    }
    const customer =
      params.customer === undefined ? intent.customer : requireCustomer(tx, params.customer).id
    const method = chosenMethod(tx, params)
    if (method !== undefined) checkUsable(tx, method, customer)
    tx.update('setup_intent', id, {
      customer,
      ...(method === undefined
        ? {}
        : { payment_method: method, status: 'requires_confirmation', next_action: null }),
      description: changed(params.description, intent.description),
      metadata: mergeMetadata(intent.metadata ?? {}, params.metadata),
    })
    return tx.present('setup_intent', id)
  },

  'POST /v1/setup_intents/{id}/confirm': ({ tx, params, id }) => {
    confirmSetup(tx, getById(tx, 'setup_intent', id).id, params)
    return tx.present('setup_intent', id)
  },

  'POST /v1/setup_intents/{id}/cancel': ({ tx, params, id }) => {
    const intent = getById(tx, 'setup_intent', id)
    if (intent.status === 'succeeded' || intent.status === 'canceled') {
      throw unexpectedSetupState(intent, 'cancel')
    }
    tx.update('setup_intent', id, {
      status: 'canceled',
      cancellation_reason: params.cancellation_reason ?? null,
      next_action: null,
    })
    tx.emit('setup_intent.canceled', 'setup_intent', id)
    return tx.present('setup_intent', id)
  },

  'GET /v1/setup_attempts': ({ tx, params }) => {
    getReferenced(tx, 'setup_intent', params.setup_intent, 'setup_intent')
    return listPage(tx, 'setup_attempt', {
      url: '/v1/setup_attempts',
      params,
      among: tx.where('setup_attempt', 'setup_intent', params.setup_intent),
      matches: (attempt) => isInRange(attempt.created, params.created),
    })
  },
}

function confirmSetup(tx: Transaction, id: string, params: SetupIntentConfirmParams): void {
  const intent = tx.get('setup_intent', id)
  if (intent.status === 'succeeded' || intent.status === 'canceled') {
    throw unexpectedSetupState(intent, 'confirm')
  }
  const method = chosenMethod(tx, params) ?? intent.payment_method
  if (method === null) {
    throw invalidRequest({
      code: 'setup_intent_unexpected_state',
      message:
        "You cannot confirm this SetupIntent because it's missing a payment method. Update the SetupIntent with a payment method and then confirm it again.",
    })
  }
  checkUsable(tx, method, intent.customer)
  tx.update('setup_intent', id, {
    payment_method: method,
    inner: {
      ...intent.inner,
      challenge: 'none',
      returnUrl: changed(params.return_url, intent.inner.returnUrl),
    },
  })
  throwIfSetupDeclined(tx, id, attemptSetup(tx, id))
}

function unexpectedSetupState(intent: Documents['setup_intent'], verb: string) {
  return invalidRequest({
    code: 'setup_intent_unexpected_state',
    message: `You cannot ${verb} this SetupIntent because it has already ${intent.status === 'canceled' ? 'been canceled' : intent.status}.`,
  })
}

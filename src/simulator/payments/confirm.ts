import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PaymentIntentConfirmParams } from '../stripe.generated.ts'
import { invalidRequest, StripeError } from '../wire/errors.ts'
import { attemptPayment, type AttemptResult } from './attempt.ts'
import { DECLINES, toCardError } from './declines.ts'
import { createPaymentMethod, referencedMethod } from './payment-methods.ts'

type Intent = Documents['payment_intent']

const CONFIRMABLE = new Set(['requires_payment_method', 'requires_confirmation', 'requires_action'])

/** Confirms an intent on the API. A decline is thrown as Stripe's 402, with everything it left behind kept. */
export function confirmIntent(
  tx: Transaction,
  id: string,
  params: PaymentIntentConfirmParams,
): void {
  const intent = tx.get('payment_intent', id)
  if (!CONFIRMABLE.has(intent.status)) throw unexpectedState(intent, 'confirm')
  const method = chosenMethod(tx, params) ?? intent.payment_method
  if (method === null) {
    throw invalidRequest({
      code: 'payment_intent_unexpected_state',
      message:
        "You cannot confirm this PaymentIntent because it's missing a payment method. You can either update the PaymentIntent with a payment method and then confirm it again, or confirm it again directly with a payment method or ConfirmationToken.",
    })
  }
  checkUsable(tx, method, intent.customer)
  const threeDSecure = params.payment_method_options?.card?.request_three_d_secure
  tx.update('payment_intent', id, {
    payment_method: method,
    capture_method: params.capture_method ?? intent.capture_method,
    receipt_email: params.receipt_email === undefined ? intent.receipt_email : params.receipt_email,
    setup_future_usage:
      params.setup_future_usage === undefined
        ? intent.setup_future_usage
        : params.setup_future_usage,
    ...(threeDSecure === undefined
      ? {}
      : {
          payment_method_options: {
            card: {
              installments: null,
              mandate_options: null,
              network: null,
              request_three_d_secure: threeDSecure,
            },
          },
        }),
    inner: {
      ...intent.inner,
      challenge: 'none',
      returnUrl: params.return_url === undefined ? intent.inner.returnUrl : params.return_url,
    },
  })
  const isOffSession = params.off_session !== undefined && params.off_session !== false
  const result = attemptPayment(tx, id, { presence: isOffSession ? 'off_session' : 'on_session' })
  if (result.kind === 'requires_action' && params.error_on_requires_action === true) {
    throw authenticationRequired(tx, id)
  }
  throwIfDeclined(tx, id, result)
}

export function chosenMethod(
  tx: Transaction,
  params: Pick<PaymentIntentConfirmParams, 'payment_method' | 'payment_method_data'>,
): string | undefined {
  if (params.payment_method !== undefined) return referencedMethod(tx, params.payment_method).id
  if (params.payment_method_data === undefined) return undefined
  return createPaymentMethod(tx, params.payment_method_data).id
}

/** A saved method pays for its own customer only. */
export function checkUsable(tx: Transaction, methodId: string, customer: string | null): void {
  const owner = tx.get('payment_method', methodId).customer
  if (owner === null || owner === customer) return
  throw invalidRequest({
    message:
      customer === null
        ? `The provided PaymentMethod (${methodId}) is attached to the customer ${owner}. Please include the \`customer\` in the parameters to use it.`
        : `The provided PaymentMethod (${methodId}) does not belong to the Customer you supplied (${customer}).`,
    param: 'payment_method',
  })
}

export function throwIfDeclined(tx: Transaction, id: string, result: AttemptResult): void {
  if (result.kind !== 'declined') return
  const intent = tx.get('payment_intent', id)
  throw new StripeError(
    402,
    {
      ...toCardError(result.decline),
      ...(intent.latest_charge === null ? {} : { charge: intent.latest_charge }),
      payment_intent: tx.present('payment_intent', id),
      payment_method: intent.last_payment_error?.payment_method,
    },
    { isCommitted: true },
  )
}

/** `error_on_requires_action`: what would be a challenge is a decline, and nothing of it stays. */
function authenticationRequired(tx: Transaction, id: string): StripeError {
  return new StripeError(402, {
    ...toCardError(DECLINES.authentication_required),
    payment_intent: tx.present('payment_intent', id),
  })
}

export function unexpectedState(intent: Intent, verb: string): StripeError {
  const why: Readonly<Record<string, string>> = {
    succeeded: 'it has already succeeded after being previously confirmed',
    canceled: 'it has been canceled',
    requires_capture: 'it has already been authorized and waits to be captured',
    processing: 'it is processing',
  }
  return invalidRequest({
    code: 'payment_intent_unexpected_state',
    message: `You cannot ${verb} this PaymentIntent because ${why[intent.status] ?? `it has a status of ${intent.status}`}.`,
  })
}

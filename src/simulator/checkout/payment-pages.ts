import { referencedMethod } from '../payments/payment-methods.ts'
import type { Transaction } from '../store/transaction.ts'
import type { UnlistedHandlers } from '../wire/calls.ts'
import { invalidRequest, StripeError } from '../wire/errors.ts'
import { getById } from '../wire/lookup.ts'
import { confirmSession } from './confirmation.ts'
import { quoteSession } from './quote.ts'
import { sessionItems } from './sessions.ts'

const KIND = 'checkout.session'

/** The calls Stripe's page makes, which its CLI uses to complete sessions without a browser. */
export const paymentPageOperations: UnlistedHandlers = {
  'GET /v1/payment_pages/{id}': {
    parameters: { fields: { 'expand?': { list: 'string' } } },
    handle: ({ tx, id }) => presentPage(tx, getById(tx, KIND, id).id),
  },

  'POST /v1/payment_pages/{id}/confirm': {
    parameters: {
      fields: {
        'payment_method?': 'string',
        'expected_amount?': 'integer',
        'expand?': { list: 'string' },
      },
    },
    handle: ({ tx, params, id }) => {
      const session = getById(tx, KIND, id)
      const { total } = quoteSession(tx, session)
      const expected = params['expected_amount']
      if (expected !== undefined && expected !== total) {
        throw invalidRequest({
          code: 'checkout_amount_mismatch',
          message: `The amount of this session is ${total}, not the one expected.`,
          param: 'expected_amount',
        })
      }
      const given = params['payment_method']
      const method = typeof given === 'string' ? referencedMethod(tx, given) : null
      const result = confirmSession(tx, id, {
        paymentMethod: method?.id ?? null,
        email: method?.billing_details.email ?? null,
        name: method?.billing_details.name ?? null,
        acceptsTerms: true,
      })
      if (result.kind === 'declined') throw declined(tx, id, result.message)
      return presentPage(tx, id)
    },
  },
}

function declined(tx: Transaction, id: string, message: string): StripeError {
  const { intent } = tx.get(KIND, id).inner
  const payment = tx.find('payment_intent', intent ?? '')
  const error = payment?.last_payment_error
  return new StripeError(
    402,
    {
      type: 'card_error',
      message,
      ...(error?.code === undefined ? {} : { code: error.code }),
      ...(error?.decline_code === undefined ? {} : { decline_code: error.decline_code }),
      ...(payment === undefined
        ? {}
        : { payment_intent: tx.present('payment_intent', payment.id) }),
    },
    { isCommitted: true },
  )
}

function presentPage(tx: Transaction, id: string): unknown {
  const session = tx.get(KIND, id)
  const quote = quoteSession(tx, session)
  return {
    id: id.replace(/^cs_(?:test|live)_/, 'ppage_'),
    object: 'checkout.payment_page',
    session_id: id,
    account_settings: { account_id: tx.realm.accountId, country: 'US' },
    cancel_url: session.cancel_url,
    currency: session.currency,
    customer: session.customer,
    customer_email: session.customer_email,
    line_items: sessionItems(tx, session),
    livemode: session.livemode,
    mode: session.mode,
    payment_intent: session.payment_intent,
    payment_method_types: session.payment_method_types,
    payment_status: session.payment_status,
    setup_intent: session.setup_intent,
    state: session.status === 'complete' ? 'succeeded' : session.status,
    status: session.status,
    subscription: session.subscription,
    success_url: session.success_url,
    total_summary: { due: quote.total, subtotal: quote.subtotal, total: quote.total },
  }
}

import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { SetupIntent } from '../stripe.generated.ts'
import { StripeError } from '../wire/errors.ts'
import { AUTHENTICATION_FAILED, clockOfIntent, nextAction } from './attempt.ts'
import { decideSetup } from './decide-charge.ts'
import { type Decline, toCardError } from './declines.ts'
import { attachMethod, spentMethod } from './payment-methods.ts'
import { getTestCard } from './test-cards.ts'

export interface NewSetupIntent {
  readonly customer: string | null
  readonly clock: string | null
  readonly paymentMethod?: string | null
  readonly description?: string | null
  readonly metadata?: Readonly<Record<string, string>>
  readonly usage?: 'off_session' | 'on_session'
  readonly returnUrl?: string | null
  readonly requestThreeDSecure?: 'automatic' | 'any' | 'challenge'
  readonly checkoutSession?: string | null
}

export function insertSetupIntent(
  tx: Transaction,
  given: NewSetupIntent,
): Documents['setup_intent'] {
  const id = tx.newId('seti')
  const method = given.paymentMethod ?? null
  const intent = tx.insert('setup_intent', {
    id,
    object: 'setup_intent',
    allowed_payment_method_types: null,
    application: null,
    automatic_payment_methods: { allow_redirects: 'always', enabled: true },
    cancellation_reason: null,
    client_secret: `${id}_secret_${tx.newId('s', 24).slice(2)}`,
    created: tx.now(given.clock),
    customer: given.customer,
    customer_account: null,
    description: given.description ?? null,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: tx.realm.isLive,
    mandate: null,
    metadata: given.metadata ?? {},
    next_action: null,
    on_behalf_of: null,
    payment_method: method,
    payment_method_configuration_details: null,
    payment_method_options: {
      card: {
        mandate_options: null,
        network: null,
        request_three_d_secure: given.requestThreeDSecure ?? 'automatic',
      },
    },
    payment_method_types: ['card'],
    single_use_mandate: null,
    status: method === null ? 'requires_payment_method' : 'requires_confirmation',
    usage: given.usage ?? 'off_session',
    inner: {
      challenge: 'none',
      returnUrl: given.returnUrl ?? null,
      checkoutSession: given.checkoutSession ?? null,
    },
  })
  tx.emit('setup_intent.created', 'setup_intent', id)
  return intent
}

export type SetupResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'requires_action' }
  | { readonly kind: 'declined'; readonly decline: Decline }

/** Asks the card's bank for its consent to later payments, without taking money. */
export function attemptSetup(tx: Transaction, id: string): SetupResult {
  const intent = tx.get('setup_intent', id)
  if (intent.payment_method === null) throw new Error(`${id} has no payment method`)
  const method = tx.get('payment_method', intent.payment_method)
  if (method.inner.isSpent) throw spentMethod()
  const wish = intent.payment_method_options?.card?.request_three_d_secure
  const decision = decideSetup({
    card: getTestCard(method.inner.number),
    isAuthenticated: intent.inner.challenge === 'passed',
    isChallengeRequested: wish === 'any' || wish === 'challenge',
  })
  switch (decision.kind) {
    case 'challenge':
      tx.update('setup_intent', id, {
        status: 'requires_action',
        last_setup_error: null,
        next_action: nextAction(tx, id, intent.inner.returnUrl),
        latest_attempt: recordAttempt(tx, intent, method, 'requires_action'),
        inner: { ...intent.inner, challenge: 'pending' },
      })
      tx.emit('setup_intent.requires_action', 'setup_intent', id)
      return { kind: 'requires_action' }
    case 'decline':
      failSetup(tx, id, {
        ...toCardError(decision.decline),
        payment_method: tx.present('payment_method', method.id),
      })
      return { kind: 'declined', decline: decision.decline }
    case 'approve':
      succeed(tx, id, method)
      return { kind: 'succeeded' }
  }
}

function succeed(tx: Transaction, id: string, method: Documents['payment_method']): void {
  const intent = tx.get('setup_intent', id)
  tx.update('payment_method', method.id, { inner: { ...method.inner, isSetUp: true } })
  if (intent.customer !== null) {
    attachMethod(tx, tx.get('payment_method', method.id), tx.get('customer', intent.customer))
  }
  tx.update('setup_intent', id, {
    status: 'succeeded',
    last_setup_error: null,
    latest_attempt: recordAttempt(tx, intent, method, 'succeeded'),
    next_action: null,
  })
  tx.emit('setup_intent.succeeded', 'setup_intent', id)
  tx.notify({ type: 'setup_intent.settled', id })
}

function failSetup(tx: Transaction, id: string, error: Readonly<Record<string, unknown>>): void {
  const intent = tx.get('setup_intent', id)
  const method = tx.get('payment_method', intent.payment_method ?? '')
  tx.update('setup_intent', id, {
    status: 'requires_payment_method',
    last_setup_error: error as unknown as SetupIntent['last_setup_error'],
    latest_attempt: recordAttempt(tx, intent, method, 'failed', error),
    next_action: null,
    payment_method: null,
    inner: { ...intent.inner, challenge: 'none' },
  })
  tx.emit('setup_intent.setup_failed', 'setup_intent', id)
  tx.notify({ type: 'setup_intent.settled', id })
}

function recordAttempt(
  tx: Transaction,
  intent: Documents['setup_intent'],
  method: Documents['payment_method'],
  status: 'requires_action' | 'succeeded' | 'failed',
  error: Readonly<Record<string, unknown>> | null = null,
): string {
  const { card } = method
  const isAuthenticated = intent.inner.challenge === 'passed'
  const attempt = tx.insert('setup_attempt', {
    id: tx.newId('setatt'),
    object: 'setup_attempt',
    application: null,
    created: tx.now(clockOfIntent(tx, intent)),
    customer: intent.customer,
    customer_account: null,
    flow_directions: null,
    livemode: tx.realm.isLive,
    on_behalf_of: null,
    payment_method: method.id,
    payment_method_details: {
      card: {
        brand: card?.brand ?? null,
        checks: card?.checks ?? null,
        country: card?.country ?? null,
        exp_month: card?.exp_month ?? null,
        exp_year: card?.exp_year ?? null,
        fingerprint: card?.fingerprint,
        funding: card?.funding ?? null,
        last4: card?.last4 ?? null,
        network: card?.brand ?? null,
        three_d_secure: isAuthenticated
          ? {
              authentication_flow: 'challenge',
              electronic_commerce_indicator: '05',
              result: 'authenticated',
              result_reason: null,
              transaction_id: null,
              version: '2.2.0',
            }
          : null,
        wallet: null,
      },
      type: 'card',
    },
    setup_error: error as unknown as SetupIntent['last_setup_error'],
    setup_intent: intent.id,
    status,
    usage: intent.usage,
  })
  return attempt.id
}

/** The customer has been through the challenge of a set-up. */
export function completeSetupChallenge(
  tx: Transaction,
  id: string,
  isPassed: boolean,
): SetupResult {
  const intent = tx.get('setup_intent', id)
  if (intent.status !== 'requires_action') throw new Error(`${id} has no pending challenge`)
  if (isPassed) {
    tx.update('setup_intent', id, { inner: { ...intent.inner, challenge: 'passed' } })
    return attemptSetup(tx, id)
  }
  const decline: Decline = {
    code: 'setup_intent_authentication_failure',
    declineCode: null,
    message: AUTHENTICATION_FAILED,
    adviceCode: null,
    isHard: false,
  }
  failSetup(tx, id, {
    type: 'invalid_request_error',
    code: decline.code,
    message: decline.message,
    payment_method: tx.present('payment_method', intent.payment_method ?? ''),
  })
  return { kind: 'declined', decline }
}

export function throwIfSetupDeclined(tx: Transaction, id: string, result: SetupResult): void {
  if (result.kind !== 'declined') return
  throw new StripeError(
    402,
    {
      ...toCardError(result.decline),
      setup_intent: tx.present('setup_intent', id),
      payment_method: tx.get('setup_intent', id).last_setup_error?.payment_method,
    },
    { isCommitted: true },
  )
}

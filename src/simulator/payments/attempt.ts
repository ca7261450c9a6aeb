import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { PaymentIntent, SetupIntent } from '../stripe.generated.ts'
import { decideCharge } from './decide-charge.ts'
import { type Decline, toCardError } from './declines.ts'
import { openDisputeFor } from './dispute-opening.ts'
import { takeOrderedDecline, takeOrderedDelay } from './ordered-declines.ts'
import { attachMethod, spentMethod } from './payment-methods.ts'
import { CAPTURE_WINDOW_SECONDS, recordCharge } from './record-charge.ts'
import { getTestCard } from './test-cards.ts'

export type AttemptResult =
  | { readonly kind: 'succeeded' }
  | { readonly kind: 'requires_capture' }
  | { readonly kind: 'requires_action' }
  /** The bank takes days to answer. */
  | { readonly kind: 'processing' }
  | { readonly kind: 'declined'; readonly decline: Decline }

/** How long a bank takes to answer when nobody says otherwise. */
const PROCESSING_SECONDS = 3 * 24 * 3_600

type Intent = Documents['payment_intent']
type Presence = Documents['payment_intent']['inner']['presence']

/** Tries to collect an intent with the method it has. Declines are a result: whoever called decides what they mean. */
export function attemptPayment(
  tx: Transaction,
  id: string,
  { presence }: { readonly presence: Presence },
): AttemptResult {
  const intent = tx.get('payment_intent', id)
  if (intent.payment_method === null) throw new Error(`${id} has no payment method`)
  const method = tx.get('payment_method', intent.payment_method)
  if (method.inner.isSpent) throw spentMethod()
  const card = getTestCard(method.inner.number)
  tx.update('payment_intent', id, { inner: { ...intent.inner, presence } })
  const decision = decideCharge({
    card,
    presence,
    isAuthenticated: intent.inner.challenge === 'passed',
    isSetUp: method.inner.isSetUp,
    isChallengeRequested: wantsThreeDSecure(intent),
    orderedDecline: takeOrderedDecline(tx, intent.customer),
  })
  switch (decision.kind) {
    case 'challenge':
      return startChallenge(tx, id)
    case 'decline':
      return declinePayment(tx, id, method, decision.decline)
    case 'approve':
      return mayBeDelayed(tx, intent) && takeOrderedDelay(tx, intent.customer)
        ? startProcessing(tx, id, method)
        : approvePayment(tx, id, method)
  }
}

function wantsThreeDSecure(intent: PaymentIntent): boolean {
  const wish = intent.payment_method_options?.card?.request_three_d_secure
  return wish === 'any' || wish === 'challenge'
}

export function clockOfIntent(tx: Transaction, intent: { customer: string | null }): string | null {
  return intent.customer === null
    ? null
    : (tx.find('customer', intent.customer)?.test_clock ?? null)
}

function startChallenge(tx: Transaction, id: string): AttemptResult {
  const intent = tx.get('payment_intent', id)
  tx.update('payment_intent', id, {
    status: 'requires_action',
    last_payment_error: null,
    next_action: nextAction(tx, id, intent.inner.returnUrl),
    inner: { ...intent.inner, challenge: 'pending' },
  })
  tx.emit('payment_intent.requires_action', 'payment_intent', id)
  tx.notify({ type: 'payment_intent.settled', id })
  return { kind: 'requires_action' }
}

/** Where the customer authenticates: a redirect for those who gave a return URL, Stripe.js for the rest. */
export function nextAction(
  tx: Transaction,
  id: string,
  returnUrl: string | null,
): NonNullable<PaymentIntent['next_action']> & NonNullable<SetupIntent['next_action']> {
  const url = `${tx.realm.baseUrl}/authenticate/${id}`
  if (returnUrl !== null) {
    return { type: 'redirect_to_url', redirect_to_url: { return_url: returnUrl, url } }
  }
  return {
    type: 'use_stripe_sdk',
    use_stripe_sdk: { type: 'three_d_secure_redirect', stripe_js: url },
  }
}

/** Payments of invoices and subscriptions are not: what Stripe makes of those meanwhile is not known well enough. */
function mayBeDelayed(tx: Transaction, { inner, capture_method: capture }: Intent): boolean {
  const session = tx.find('checkout.session', inner.checkoutSession ?? '')
  return inner.invoice === null && capture !== 'manual' && session?.mode !== 'subscription'
}

function startProcessing(
  tx: Transaction,
  id: string,
  method: Documents['payment_method'],
): AttemptResult {
  const intent = tx.get('payment_intent', id)
  const clock = clockOfIntent(tx, intent)
  const facts = { intent, method, decline: null, isCaptured: true, isPending: true, clock }
  const charge = recordCharge(tx, facts)
  keepMethod(tx, intent, method)
  tx.emit('charge.pending', 'charge', charge.id)
  tx.update('payment_intent', id, {
    status: 'processing',
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
  })
  tx.emit('payment_intent.processing', 'payment_intent', id)
  tx.schedule({
    id: `processing:${id}`,
    type: 'payment_intent.settle',
    clock,
    dueAt: tx.now(clock) + PROCESSING_SECONDS,
    rank: 50,
    subject: id,
  })
  tx.notify({ type: 'payment_intent.settled', id })
  return { kind: 'processing' }
}

function declinePayment(
  tx: Transaction,
  id: string,
  method: Documents['payment_method'],
  decline: Decline,
): AttemptResult {
  const intent = tx.get('payment_intent', id)
  const clock = clockOfIntent(tx, intent)
  const charge = recordCharge(tx, { intent, method, decline, isCaptured: false, clock })
  tx.emit('charge.failed', 'charge', charge.id)
  failIntent(tx, id, {
    ...toCardError(decline),
    type: 'card_error',
    charge: charge.id,
    payment_method: tx.present('payment_method', method.id),
  })
  tx.notify({ type: 'payment_intent.settled', id })
  return { kind: 'declined', decline }
}

/** Back to the start: another method is needed, and the error says why. */
export function failIntent(
  tx: Transaction,
  id: string,
  error: Readonly<Record<string, unknown>> & { readonly charge?: string },
): void {
  const intent = tx.get('payment_intent', id)
  tx.update('payment_intent', id, {
    status: 'requires_payment_method',
    last_payment_error: error as unknown as PaymentIntent['last_payment_error'],
    latest_charge: error.charge ?? intent.latest_charge,
    next_action: null,
    payment_method: null,
    inner: { ...intent.inner, challenge: 'none' },
  })
  tx.emit('payment_intent.payment_failed', 'payment_intent', id)
}

function approvePayment(
  tx: Transaction,
  id: string,
  method: Documents['payment_method'],
): AttemptResult {
  const intent = tx.get('payment_intent', id)
  const clock = clockOfIntent(tx, intent)
  const isCaptured = intent.capture_method !== 'manual'
  const charge = recordCharge(tx, { intent, method, decline: null, isCaptured, clock })
  keepMethod(tx, intent, method)
  tx.emit('charge.succeeded', 'charge', charge.id)
  tx.update('payment_intent', id, {
    status: isCaptured ? 'succeeded' : 'requires_capture',
    amount_received: isCaptured ? intent.amount : 0,
    amount_capturable: isCaptured ? 0 : intent.amount,
    last_payment_error: null,
    latest_charge: charge.id,
    next_action: null,
  })
  if (!isCaptured) {
    tx.emit('payment_intent.amount_capturable_updated', 'payment_intent', id)
    tx.schedule({
      id: `authorization:${id}`,
      type: 'payment_intent.expire_authorization',
      clock,
      dueAt: tx.now(clock) + CAPTURE_WINDOW_SECONDS,
      rank: 50,
      subject: id,
    })
    return { kind: 'requires_capture' }
  }
  tx.emit('payment_intent.succeeded', 'payment_intent', id)
  tx.notify({ type: 'payment_intent.settled', id })
  openDisputeFor(tx, charge.id)
  return { kind: 'succeeded' }
}

/** A method is saved when the payment asked for it; without a customer its one use is over. */
function keepMethod(
  tx: Transaction,
  intent: Documents['payment_intent'],
  method: Documents['payment_method'],
): void {
  const { customer, setup_future_usage: usage } = intent
  // Checkout does it when the session is complete and there is a customer to save the method with.
  if (intent.inner.checkoutSession !== null) return
  if (usage !== null && customer !== null) {
    const isSetUp = usage === 'off_session' || method.inner.isSetUp
    tx.update('payment_method', method.id, { inner: { ...method.inner, isSetUp } })
    attachMethod(tx, tx.get('payment_method', method.id), tx.get('customer', customer))
  } else if (method.customer === null) {
    tx.update('payment_method', method.id, { inner: { ...method.inner, isSpent: true } })
  }
}

/** The customer has been through the challenge: the payment goes on, or is over. */
export function completeChallenge(tx: Transaction, id: string, isPassed: boolean): AttemptResult {
  const intent = tx.get('payment_intent', id)
  if (intent.status !== 'requires_action' || intent.payment_method === null) {
    throw new Error(`${id} has no pending challenge`)
  }
  if (isPassed) {
    tx.update('payment_intent', id, { inner: { ...intent.inner, challenge: 'passed' } })
    return attemptPayment(tx, id, { presence: 'on_session' })
  }
  failIntent(tx, id, {
    type: 'invalid_request_error',
    code: 'payment_intent_authentication_failure',
    message: AUTHENTICATION_FAILED,
    payment_method: tx.present('payment_method', intent.payment_method),
  })
  tx.notify({ type: 'payment_intent.settled', id })
  return {
    kind: 'declined',
    decline: {
      code: 'payment_intent_authentication_failure',
      declineCode: null,
      message: AUTHENTICATION_FAILED,
      adviceCode: null,
      isHard: false,
    },
  }
}

export const AUTHENTICATION_FAILED =
  'We are unable to authenticate your payment method. Please choose a different payment method and try again.'

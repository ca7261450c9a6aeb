import { attemptPayment } from '../payments/attempt.ts'
import { insertPaymentIntent } from '../payments/intent-creation.ts'
import { attemptSetup, insertSetupIntent } from '../payments/setup.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { newMetadata } from '../wire/metadata.ts'
import { toShipping } from '../customers/address.ts'
import { completeSession } from './completion.ts'
import type { EnteredDetails } from './documents.ts'
import { quoteSession } from './quote.ts'

type Session = Documents['checkout.session']

export type ConfirmationResult =
  | { readonly kind: 'complete' }
  /** The customer has to authenticate the intent first. */
  | { readonly kind: 'requires_action'; readonly intent: string }
  | { readonly kind: 'declined'; readonly message: string; readonly code?: string }

/** The customer has pressed the button. A declined card leaves the session open for another. */
export function confirmSession(
  tx: Transaction,
  id: string,
  entered: EnteredDetails,
): ConfirmationResult {
  const session = tx.get('checkout.session', id)
  requireOpen(session)
  if (session.consent_collection?.terms_of_service === 'required' && !entered.acceptsTerms) {
    return { kind: 'declined', message: 'Please accept the terms of service.' }
  }
  tx.update('checkout.session', id, { inner: { ...session.inner, entered, problem: null } })
  const { total } = quoteSession(tx, session)
  const isCardNeeded = needsCard(session, total)
  if (!isCardNeeded) {
    completeSession(tx, id)
    return { kind: 'complete' }
  }
  if (entered.paymentMethod === null) {
    return { kind: 'declined', message: 'Please enter a card.' }
  }
  return total > 0
    ? pay(tx, id, entered.paymentMethod, total)
    : setUp(tx, id, entered.paymentMethod)
}

export function needsCard(session: Session, total: number): boolean {
  if (session.mode === 'setup') return true
  return total > 0 || session.payment_method_collection === 'always'
}

export function requireOpen(session: Session): void {
  if (session.status === 'open') return
  throw invalidRequest({
    message:
      session.status === 'complete'
        ? 'This Checkout Session has already been completed.'
        : 'This Checkout Session has expired.',
  })
}

function pay(tx: Transaction, id: string, method: string, total: number): ConfirmationResult {
  const session = tx.get('checkout.session', id)
  const intent = reusableIntent(tx, session, total) ?? newIntent(tx, session, total)
  tx.update('payment_intent', intent, {
    payment_method: method,
    inner: { ...tx.get('payment_intent', intent).inner, challenge: 'none' },
  })
  const isShown = session.mode === 'payment'
  tx.update('checkout.session', id, {
    ...(isShown ? { payment_intent: intent } : {}),
    inner: { ...tx.get('checkout.session', id).inner, intent },
  })
  return resultOf(tx, id, intent, attemptPayment(tx, intent, { presence: 'on_session' }))
}

/** After a decline the same intent is tried again, at the amount of now. */
function reusableIntent(tx: Transaction, session: Session, amount: number): string | undefined {
  const intent = tx.find('payment_intent', session.inner.intent ?? '')
  if (intent === undefined || intent.status === 'succeeded' || intent.status === 'canceled') {
    return undefined
  }
  tx.update('payment_intent', intent.id, { amount })
  return intent.id
}

function newIntent(tx: Transaction, session: Session, amount: number): string {
  const data = session.inner.paymentIntentData
  const customer = session.customer
  const clock = customer === null ? null : tx.get('customer', customer).test_clock
  return insertPaymentIntent(tx, {
    amount,
    currency: session.currency ?? 'usd',
    customer,
    clock,
    ...(data?.capture_method === undefined ? {} : { captureMethod: data.capture_method }),
    description:
      data?.description ?? (session.mode === 'subscription' ? 'Subscription creation' : null),
    metadata: newMetadata(data?.metadata),
    receiptEmail: data?.receipt_email ?? null,
    setupFutureUsage:
      session.mode === 'subscription' ? 'off_session' : (data?.setup_future_usage ?? null),
    shipping: toShipping(data?.shipping),
    statementDescriptor: data?.statement_descriptor ?? null,
    statementDescriptorSuffix: data?.statement_descriptor_suffix ?? null,
    returnUrl: `${tx.realm.baseUrl}/c/pay/${session.id}`,
    checkoutSession: session.id,
  }).id
}

function setUp(tx: Transaction, id: string, method: string): ConfirmationResult {
  const session = tx.get('checkout.session', id)
  const data = session.inner.setupIntentData
  const known = tx.find('setup_intent', session.inner.intent ?? '')
  const intent =
    known?.id ??
    insertSetupIntent(tx, {
      customer: session.customer,
      clock: session.customer === null ? null : tx.get('customer', session.customer).test_clock,
      description: data?.description ?? null,
      metadata: newMetadata(data?.metadata),
      usage: 'off_session',
      returnUrl: `${tx.realm.baseUrl}/c/pay/${id}`,
      checkoutSession: id,
    }).id
  tx.update('setup_intent', intent, {
    payment_method: method,
    inner: { ...tx.get('setup_intent', intent).inner, challenge: 'none' },
  })
  tx.update('checkout.session', id, {
    ...(session.mode === 'setup' ? { setup_intent: intent } : {}),
    inner: { ...tx.get('checkout.session', id).inner, intent },
  })
  return resultOf(tx, id, intent, attemptSetup(tx, intent))
}

function resultOf(
  tx: Transaction,
  id: string,
  intent: string,
  attempt: ReturnType<typeof attemptPayment> | ReturnType<typeof attemptSetup>,
): ConfirmationResult {
  if (attempt.kind === 'requires_action') return { kind: 'requires_action', intent }
  if (attempt.kind === 'declined') {
    return {
      kind: 'declined',
      message: tx.get('checkout.session', id).inner.problem ?? attempt.decline.message,
      code: attempt.decline.code,
    }
  }
  // An authorization without capture settles nothing by itself, but the session is done.
  if (tx.get('checkout.session', id).status === 'open') completeSession(tx, id)
  return { kind: 'complete' }
}

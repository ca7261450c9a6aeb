import { sha256Hex } from '../../kit/crypto.ts'
import type { Documents } from '../store/documents.ts'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  ChargeBillingDetails,
  PaymentIntentCreateParamsPaymentMethodDataBillingDetails,
  PaymentMethodCard,
  PaymentMethodCreateParams,
} from '../stripe.generated.ts'
import { invalidRequest, missingParameter, StripeError } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'
import { DECLINES, toCardError } from './declines.ts'
import {
  findTestCard,
  getTestCard,
  numberOfToken,
  passesLuhn,
  type TestCard,
} from './test-cards.ts'

/** What somebody types into a payment form. */
export interface EnteredCard {
  readonly number: string
  readonly expMonth: number
  readonly expYear: number
  readonly cvc: string | null
}

const NO_BILLING_DETAILS: ChargeBillingDetails = {
  address: { city: null, country: null, line1: null, line2: null, postal_code: null, state: null },
  email: null,
  name: null,
  phone: null,
  tax_id: null,
}

export function toBillingDetails(
  given: PaymentIntentCreateParamsPaymentMethodDataBillingDetails | undefined,
  current: ChargeBillingDetails = NO_BILLING_DETAILS,
): ChargeBillingDetails {
  if (given === undefined) return current
  return {
    address:
      given.address === undefined
        ? current.address
        : { ...NO_BILLING_DETAILS.address, ...definedOnly(given.address ?? {}) },
    email: given.email === undefined ? current.email : given.email,
    name: given.name === undefined ? current.name : given.name,
    phone: given.phone === undefined ? current.phone : given.phone,
    tax_id: given.tax_id === undefined ? current.tax_id : given.tax_id,
  } as ChargeBillingDetails
}

function definedOnly(fields: object): object {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}

/** Checks a card as its form and its issuer's first look would; throws Stripe's 402 for the first thing that is wrong with it. */
export function checkEnteredCard(entered: EnteredCard, now: number): TestCard {
  const { card, refusals } = inspectEnteredCard(entered, now)
  const [first] = refusals
  if (first !== undefined) throw first
  if (card === undefined) throw new Error('A card without a problem was not found')
  return card
}

/** All that is wrong with a card at once, in the order of the form's fields. */
export function inspectEnteredCard(
  entered: EnteredCard,
  now: number,
): { readonly card: TestCard | undefined; readonly refusals: readonly StripeError[] } {
  const number = entered.number.replaceAll(/[\s-]/g, '')
  const card = findTestCard(number)
  const refusals = [
    card === undefined ? numberError(number) : undefined,
    expiryError(entered, now),
    isCvc(entered.cvc, card)
      ? undefined
      : cardFieldError('invalid_cvc', "Your card's security code is invalid.", 'cvc'),
  ]
  return { card, refusals: refusals.filter((refusal) => refusal !== undefined) }
}

function numberError(number: string): StripeError {
  if (!passesLuhn(number)) return new StripeError(402, toCardError(DECLINES.incorrect_number))
  return new StripeError(402, {
    ...toCardError(DECLINES.generic_decline),
    message:
      'Your card was declined. This is a simulator: it takes Stripe’s test cards only, such as 4242 4242 4242 4242.',
  })
}

function expiryError({ expMonth, expYear }: EnteredCard, now: number): StripeError | undefined {
  if (expMonth < 1 || expMonth > 12) {
    return cardFieldError(
      'invalid_expiry_month',
      "Your card's expiration month is invalid.",
      'exp_month',
    )
  }
  const today = new Date(now * 1_000)
  const monthsLeft = (expYear - today.getUTCFullYear()) * 12 + expMonth - (today.getUTCMonth() + 1)
  if (monthsLeft >= 0 && monthsLeft <= 50 * 12) return undefined
  return cardFieldError(
    'invalid_expiry_year',
    "Your card's expiration year is invalid.",
    'exp_year',
  )
}

function isCvc(cvc: string | null, card: TestCard | undefined): boolean {
  return cvc === null || (card?.brand === 'amex' ? /^\d{3,4}$/ : /^\d{3}$/).test(cvc)
}

function cardFieldError(code: string, message: string, param: string): StripeError {
  return new StripeError(402, { type: 'card_error', code, message, param })
}

interface NewCardMethod {
  readonly card: TestCard
  readonly expMonth: number
  readonly expYear: number
  readonly hasCvc: boolean
  readonly billingDetails: ChargeBillingDetails
  readonly metadata: Readonly<Record<string, string>>
  readonly allowRedisplay?: 'always' | 'limited' | 'unspecified' | undefined
}

export function insertCardMethod(
  tx: Transaction,
  { card, expMonth, expYear, hasCvc, billingDetails, metadata, allowRedisplay }: NewCardMethod,
): Documents['payment_method'] {
  return tx.insert('payment_method', {
    id: tx.newId('pm'),
    object: 'payment_method',
    allow_redisplay: allowRedisplay ?? 'unspecified',
    billing_details: billingDetails,
    card: cardView(card, expMonth, expYear, hasCvc),
    created: tx.now(null),
    customer: null,
    customer_account: null,
    livemode: tx.realm.isLive,
    metadata,
    type: 'card',
    inner: { number: card.number, isSetUp: false, isSpent: false },
  })
}

function cardView(card: TestCard, month: number, year: number, hasCvc: boolean): PaymentMethodCard {
  return {
    brand: card.brand,
    checks: {
      address_line1_check: null,
      address_postal_code_check: null,
      cvc_check: hasCvc ? (card.chargeDecline === 'incorrect_cvc' ? 'fail' : 'pass') : null,
    },
    country: 'US',
    display_brand: card.brand,
    exp_month: month,
    exp_year: year,
    // One card has one fingerprint, however often it is entered.
    fingerprint: sha256Hex(`fingerprint:${card.number}`).slice(0, 16),
    funding: card.funding,
    generated_from: null,
    last4: card.number.slice(-4),
    networks: { available: [card.brand], preferred: null },
    regulated_status: 'unregulated',
    three_d_secure_usage: { supported: true },
    wallet: null,
  }
}

/** Every use of `pm_card_visa` or `tok_visa` makes a fresh method. */
export function methodFromToken(
  tx: Transaction,
  token: string,
): Documents['payment_method'] | undefined {
  const number = numberOfToken(token)
  if (number === undefined) return undefined
  const today = new Date(tx.now(null) * 1_000)
  return insertCardMethod(tx, {
    card: getTestCard(number),
    expMonth: today.getUTCMonth() + 1,
    expYear: today.getUTCFullYear() + 3,
    hasCvc: true,
    billingDetails: NO_BILLING_DETAILS,
    metadata: {},
  })
}

/** The method a parameter names: an id of ours, or a test token. */
export function referencedMethod(
  tx: Transaction,
  id: string,
  param = 'payment_method',
): Documents['payment_method'] {
  return methodFromToken(tx, id) ?? getReferenced(tx, 'payment_method', id, param)
}

/** `POST /v1/payment_methods`, and `payment_method_data` wherever it is taken. */
export function createPaymentMethod(
  tx: Transaction,
  params: Pick<
    PaymentMethodCreateParams,
    'type' | 'card' | 'billing_details' | 'metadata' | 'allow_redisplay'
  >,
): Documents['payment_method'] {
  if (params.type === undefined) throw missingParameter('type')
  if (params.type !== 'card') {
    throw invalidRequest({
      message: `The payment method type "${params.type}" is invalid: the simulator knows cards only. See docs/simulator.md.`,
      param: 'type',
    })
  }
  const { card } = params
  if (card === undefined) throw missingParameter('card')
  const billingDetails = toBillingDetails(params.billing_details)
  const metadata = newMetadata(params.metadata)
  if (typeof card.token === 'string') {
    const method = methodFromToken(tx, card.token)
    if (method === undefined) {
      throw invalidRequest({
        code: 'resource_missing',
        message: `No such token: '${card.token}'`,
        param: 'card[token]',
      })
    }
    return tx.update('payment_method', method.id, {
      billing_details: billingDetails,
      metadata,
      allow_redisplay: params.allow_redisplay ?? 'unspecified',
    })
  }
  if (typeof card.number !== 'string') throw missingParameter('card[number]')
  if (!settingsOf(tx).allowsRawCardNumbers) throw rawNumbersRefused()
  const { exp_month: expMonth, exp_year: expYear } = card
  if (expMonth === undefined) throw missingParameter('card[exp_month]')
  if (expYear === undefined) throw missingParameter('card[exp_year]')
  const cvc = card.cvc ?? null
  return insertCardMethod(tx, {
    card: checkEnteredCard({ number: card.number, expMonth, expYear, cvc }, tx.now(null)),
    expMonth,
    expYear,
    hasCvc: cvc !== null,
    billingDetails,
    metadata,
    allowRedisplay: params.allow_redisplay,
  })
}

function rawNumbersRefused(): StripeError {
  return new StripeError(402, {
    type: 'invalid_request_error',
    message:
      'Sending credit card numbers directly to the Stripe API is generally unsafe. We suggest you use test tokens that map to the test card you are using, see https://stripe.com/docs/testing. To enable testing raw card data APIs, set `allowsRawCardNumbers` with POST /_sim/settings.',
  })
}

/** Saves a method with a customer. Cards that decline at once decline here. */
export function attachMethod(
  tx: Transaction,
  method: Documents['payment_method'],
  customer: Documents['customer'],
): Documents['payment_method'] {
  if (method.customer === customer.id) return method
  if (method.customer !== null) {
    throw invalidRequest({
      code: 'payment_method_already_attached',
      message: 'The payment method you provided has already been attached to a customer.',
      param: 'payment_method',
    })
  }
  if (method.inner.isSpent) throw spentMethod()
  const { attachDecline } = getTestCard(method.inner.number)
  if (attachDecline !== null) throw new StripeError(402, toCardError(DECLINES[attachDecline]))
  const attached = tx.update('payment_method', method.id, { customer: customer.id })
  tx.emit('payment_method.attached', 'payment_method', method.id)
  return attached
}

/** Takes a saved method away from its customer, for good: it cannot be used or attached again. */
export function detachMethod(tx: Transaction, method: Documents['payment_method']): void {
  const { id } = method
  if (method.customer === null) {
    throw invalidRequest({
      message:
        'The payment method you provided is not attached to a customer so detachment is impossible.',
      param: 'payment_method',
    })
  }
  const customer = tx.get('customer', method.customer)
  tx.update('payment_method', id, {
    customer: null,
    inner: { ...method.inner, isSpent: true },
  })
  tx.emit('payment_method.detached', 'payment_method', id, { withPrevious: true })
  if (customer.invoice_settings.default_payment_method !== id) return
  tx.update('customer', customer.id, {
    invoice_settings: { ...customer.invoice_settings, default_payment_method: null },
  })
}

export function spentMethod(): StripeError {
  return invalidRequest({
    message:
      'This PaymentMethod was previously used without being attached to a Customer or was detached from a Customer, and may not be used again.',
    param: 'payment_method',
  })
}

/** A method can only be a default of the customer it is attached to. */
export function requireAttached(
  method: Documents['payment_method'],
  customerId: string,
  param: string,
): void {
  if (method.customer === customerId) return
  throw invalidRequest({
    code: 'resource_missing',
    message: `The customer does not have a payment method with the ID ${method.id}. The payment method must be attached to the customer.`,
    param,
  })
}

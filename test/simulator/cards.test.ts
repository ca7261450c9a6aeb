import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { testCardNumbers } from '../../src/simulator/payments/test-cards.ts'
import { passesLuhn } from '../../src/simulator/payments/test-cards.ts'
import { refusal, useSimulator } from './support.ts'

const simulator = useSimulator()

/** `ok`, a challenge first, or why not: the error's code, with its decline code where that says more. */
type Outcome = 'ok' | 'challenge' | 'authentication_required' | `${string}/${string}`

interface Behavior {
  readonly attach: Outcome
  readonly onSession: Outcome
  readonly offSession: Outcome
  /** Off session, after it was set up with whatever authentication that takes. */
  readonly afterSetup: Outcome
  /** How a passed challenge ends. */
  readonly challenged?: Outcome
}

const FINE: Behavior = { attach: 'ok', onSession: 'ok', offSession: 'ok', afterSetup: 'ok' }
const refused = (outcome: Outcome): Behavior => ({
  attach: outcome,
  onSession: outcome,
  offSession: outcome,
  afterSetup: outcome,
})

const CARDS: readonly (readonly [string, Behavior])[] = [
  ['visa', FINE],
  ['visa_debit', FINE],
  ['mastercard', FINE],
  ['amex', FINE],
  ['discover', FINE],
  ['diners', FINE],
  ['jcb', FINE],
  ['unionpay', FINE],
  ['threeDSecureOptional', FINE],
  ['createDispute', FINE],
  ['pendingRefund', FINE],
  ['visa_chargeDeclined', refused('card_declined/generic_decline')],
  ['chargeDeclined', refused('card_declined/generic_decline')],
  ['visa_chargeDeclinedInsufficientFunds', refused('card_declined/insufficient_funds')],
  ['visa_chargeDeclinedLostCard', refused('card_declined/lost_card')],
  ['visa_chargeDeclinedStolenCard', refused('card_declined/stolen_card')],
  ['visa_chargeDeclinedVelocityLimitExceeded', refused('card_declined/card_velocity_exceeded')],
  ['chargeDeclinedExpiredCard', refused('expired_card/expired_card')],
  ['chargeDeclinedIncorrectCvc', refused('incorrect_cvc/incorrect_cvc')],
  ['chargeDeclinedProcessingError', refused('processing_error/processing_error')],
  ['radarBlock', refused('card_declined/fraudulent')],
  ['chargeCustomerFail', { ...refused('card_declined/generic_decline'), attach: 'ok' }],
  [
    'authenticationRequiredOnSetup',
    {
      attach: 'ok',
      onSession: 'challenge',
      offSession: 'authentication_required',
      afterSetup: 'ok',
    },
  ],
  [
    'authenticationRequired',
    {
      attach: 'ok',
      onSession: 'challenge',
      offSession: 'authentication_required',
      afterSetup: 'authentication_required',
    },
  ],
  [
    'authenticationRequiredSetupForOffSession',
    { attach: 'ok', onSession: 'challenge', offSession: 'ok', afterSetup: 'ok' },
  ],
  [
    'threeDSecure2Required',
    {
      attach: 'ok',
      onSession: 'challenge',
      offSession: 'authentication_required',
      afterSetup: 'authentication_required',
    },
  ],
  [
    'threeDSecureRequiredChargeDeclined',
    {
      attach: 'ok',
      onSession: 'challenge',
      challenged: 'card_declined/generic_decline',
      offSession: 'authentication_required',
      afterSetup: 'authentication_required',
    },
  ],
  [
    'authenticationRequiredChargeDeclinedInsufficientFunds',
    {
      attach: 'ok',
      onSession: 'challenge',
      challenged: 'card_declined/insufficient_funds',
      offSession: 'authentication_required',
      afterSetup: 'authentication_required',
    },
  ],
]

async function outcomeOf(
  call: Promise<{ readonly id: string; readonly status?: string }>,
): Promise<Outcome> {
  let error: Stripe.errors.StripeError | undefined
  const result = await call.catch((thrown: Stripe.errors.StripeError) => {
    error = thrown
    return undefined
  })
  if (result !== undefined) return result.status === 'requires_action' ? 'challenge' : 'ok'
  if (error?.code === 'authentication_required') return 'authentication_required'
  expect(error).toMatchObject({ type: 'StripeCardError', statusCode: 402 })
  return `${error?.code}/${error?.decline_code}`
}

const PAYMENT = {
  amount: 1_000,
  currency: 'usd',
  confirm: true,
  return_url: 'https://example.com',
} as const

test.each(CARDS)('pm_card_%s behaves as documented', async (name, expected) => {
  const key = `sk_test_card_${name}`
  const stripe = simulator.stripe(key)
  const token = `pm_card_${name}`
  const { id: customer } = await stripe.customers.create({ name: 'Ada' })
  const attach = async () => ({ id: (await stripe.paymentMethods.attach(token, { customer })).id })
  const challenge = (id: string) =>
    simulator.control('POST', `/_sim/authentications/${id}`, { outcome: 'complete' }, key)

  expect(await outcomeOf(attach())).toBe(expected.attach)

  const paying = stripe.paymentIntents.create({ ...PAYMENT, payment_method: token })
  expect(await outcomeOf(paying)).toBe(expected.onSession)
  if (expected.onSession === 'challenge') {
    const { id } = await paying
    await challenge(id)
    const intent = await stripe.paymentIntents.retrieve(id)
    const error = intent.last_payment_error
    const outcome = error === null ? 'ok' : `${error.code}/${error.decline_code}`
    expect(outcome).toBe(expected.challenged ?? 'ok')
    expect(intent.status).toBe(outcome === 'ok' ? 'succeeded' : 'requires_payment_method')
  }

  if (expected.attach !== 'ok') return
  const { id: fresh } = await attach()
  const later = (method: string) =>
    outcomeOf(
      stripe.paymentIntents.create({
        ...PAYMENT,
        customer,
        payment_method: method,
        off_session: true,
      }),
    )
  expect(await later(fresh)).toBe(expected.offSession)

  const setup = await stripe.setupIntents.create({
    customer,
    payment_method: token,
    confirm: true,
    usage: 'off_session',
    return_url: 'https://example.com',
  })
  if (setup.status === 'requires_action') await challenge(setup.id)
  const done = await stripe.setupIntents.retrieve(setup.id)
  expect(done.status).toBe('succeeded')
  expect(await later(done.payment_method as string)).toBe(expected.afterSetup)
})

test('a decline leaves a failed charge, an intent that asks for another method, and says why', async () => {
  const stripe = simulator.stripe()

  const error = await refusal(
    stripe.paymentIntents.create({
      ...PAYMENT,
      payment_method: 'pm_card_chargeDeclinedExpiredCard',
    }),
  )

  expect(error).toMatchObject({ code: 'expired_card', advice_code: 'confirm_card_data' })
  const intent = await stripe.paymentIntents.retrieve(error.payment_intent?.id ?? '', {
    expand: ['latest_charge'],
  })
  expect(intent).toMatchObject({
    status: 'requires_payment_method',
    amount_received: 0,
    last_payment_error: { code: 'expired_card', charge: error.charge },
    latest_charge: {
      id: error.charge,
      status: 'failed',
      paid: false,
      failure_code: 'expired_card',
    },
  })
  const again = await stripe.paymentIntents.confirm(intent.id, {
    payment_method: 'pm_card_visa',
    return_url: 'https://example.com',
  })
  expect(again.status).toBe('succeeded')
})

test('a blocked payment was never sent to the bank', async () => {
  const stripe = simulator.stripe()
  const error = await refusal(
    stripe.paymentIntents.create({ ...PAYMENT, payment_method: 'pm_card_radarBlock' }),
  )
  const charge = await stripe.charges.retrieve(error.charge ?? '')
  expect(charge.outcome).toMatchObject({
    type: 'blocked',
    network_status: 'not_sent_to_network',
    reason: 'highest_risk_level',
  })
})

test('a failed challenge asks for another method', async () => {
  const key = 'sk_test_failed_challenge'
  const stripe = simulator.stripe(key)
  const { id } = await stripe.paymentIntents.create({
    ...PAYMENT,
    payment_method: 'pm_card_threeDSecure2Required',
  })

  await simulator.control('POST', `/_sim/authentications/${id}`, { outcome: 'fail' }, key)

  expect(await stripe.paymentIntents.retrieve(id)).toMatchObject({
    status: 'requires_payment_method',
    last_payment_error: { code: 'payment_intent_authentication_failure' },
  })
})

test.each([
  ['mastercard', 'mastercard', '4444'],
  ['amex', 'amex', '0005'],
  ['discover', 'discover', '1117'],
  ['visa_chargeDeclinedInsufficientFunds', 'visa', '9995'],
])('pm_card_%s shows its brand and last digits', async (name, brand, last4) => {
  const stripe = simulator.stripe()
  const method = await stripe.paymentMethods.create({
    type: 'card',
    card: { token: `tok_${name}` },
  })
  expect(method.card).toMatchObject({ brand, last4 })
})

test('every test number passes Luhn’s check, and numbers are refused on the API unless allowed', async () => {
  expect(testCardNumbers().filter((number) => !passesLuhn(number))).toEqual([])
  const key = 'sk_test_raw'
  const stripe = simulator.stripe(key)
  const enter = (number: string) =>
    stripe.paymentMethods.create({
      type: 'card',
      card: { number, exp_month: 12, exp_year: 2034, cvc: '123' },
    })

  expect((await refusal(enter('4242424242424242'))).message).toContain('card numbers directly')
  await simulator.control('POST', '/_sim/settings', { allowsRawCardNumbers: true }, key)

  expect((await enter('4242424242424242')).card?.last4).toBe('4242')
  expect(await refusal(enter('4242424242424241'))).toMatchObject({
    statusCode: 402,
    code: 'incorrect_number',
  })
})

test('a method used once or taken off its customer can never be attached again', async () => {
  const stripe = simulator.stripe()
  const { id: customer } = await stripe.customers.create({ name: 'Ada' })
  const { id } = await stripe.paymentMethods.attach('pm_card_visa', { customer })
  await stripe.paymentMethods.detach(id)

  const error = await refusal(stripe.paymentMethods.attach(id, { customer }))

  expect(error.message).toContain('may not be used again')
})

import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { openPage, submit } from './pages-support.ts'
import { createPrice, eventTypes, refusal, useSimulator } from './support.ts'

const simulator = useSimulator()

const CARD = {
  email: 'ada@example.com',
  cardNumber: '4242 4242 4242 4242',
  cardExpiry: '12 / 34',
  cardCvc: '123',
  billingName: 'Ada Lovelace',
  action: 'pay',
}

async function openSession(
  stripe: Stripe,
  extra: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const price = await createPrice(stripe, 2_900)
  return stripe.checkout.sessions.create({
    mode: 'subscription',
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: 'https://example.com/done?session={CHECKOUT_SESSION_ID}',
    cancel_url: 'https://example.com/plans',
    ...extra,
  })
}

test('a subscription exists only after its checkout was paid, and then completely', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe, {
    client_reference_id: 'user-1',
    subscription_data: { metadata: { plan: 'pro' } },
  })
  expect(session).toMatchObject({ status: 'open', payment_status: 'unpaid', amount_total: 2_900 })
  expect([session.subscription, session.invoice, session.customer]).toEqual([null, null, null])
  const { html: page } = await openPage(session.url ?? '')
  for (const label of ['Card number', 'Expiration', 'CVC', 'Name on card', 'Subscribe', '$29.00']) {
    expect(page).toContain(label)
  }

  const response = await submit(session.url ?? '', CARD)

  expect(response.status).toBe(303)
  expect(response.headers.get('location')).toBe(`https://example.com/done?session=${session.id}`)
  const done = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['subscription', 'invoice', 'customer', 'line_items'],
  })
  expect(done).toMatchObject({ status: 'complete', payment_status: 'paid', url: null })
  expect(done.customer).toMatchObject({ email: 'ada@example.com', name: 'Ada Lovelace' })
  expect(done.subscription).toMatchObject({ status: 'active', metadata: { plan: 'pro' } })
  expect((done.subscription as Stripe.Subscription).default_payment_method).toMatch(/^pm_/)
  expect(done.invoice).toMatchObject({
    status: 'paid',
    total: 2_900,
    billing_reason: 'subscription_create',
  })
  const payments = await stripe.invoicePayments.list({
    invoice: (done.invoice as Stripe.Invoice).id,
  })
  expect(payments.data).toHaveLength(1)
  expect(payments.data[0]).toMatchObject({ status: 'paid', amount_paid: 2_900 })
  const types = await eventTypes(stripe)
  for (const type of [
    'customer.created',
    'payment_method.attached',
    'payment_intent.created',
    'payment_intent.succeeded',
    'charge.succeeded',
    'invoice.created',
    'invoice.finalized',
    'invoice.paid',
    'invoice.payment_succeeded',
    'invoice_payment.paid',
    'customer.subscription.created',
    'checkout.session.completed',
  ]) {
    expect(
      types.filter((entry) => entry === type),
      type,
    ).toHaveLength(1)
  }
})

test('a declined card is told in place, leaves nothing behind, and another one works', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe)

  const declined = await submit(session.url ?? '', { ...CARD, cardNumber: '4000000000009995' })

  expect(await declined.text()).toContain('Your card has insufficient funds.')
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({
    status: 'open',
    subscription: null,
    customer: null,
  })
  expect((await stripe.customers.list()).data).toEqual([])
  expect((await submit(session.url ?? '', CARD)).status).toBe(303)
  expect((await stripe.subscriptions.list()).data).toHaveLength(1)
})

test.each(['4000002760003184', '4000002500003155', '4000000000003220'])(
  'the card %s has to pass a 3-D Secure challenge before it pays',
  async (cardNumber) => {
    const stripe = simulator.stripe()
    const session = await openSession(stripe)
    const challenge = (await submit(session.url ?? '', { ...CARD, cardNumber })).headers.get(
      'location',
    )
    expect(challenge).toMatch(/^\/authenticate\/pi_/)

    const failed = await submit(`${simulator.url}${challenge}`, { outcome: 'fail' })

    expect(failed.headers.get('location')).toBe(`/c/pay/${session.id}`)
    expect(await (await fetch(session.url ?? '')).text()).toContain('unable to authenticate')
    const again = (await submit(session.url ?? '', { ...CARD, cardNumber })).headers.get('location')
    const passed = await submit(`${simulator.url}${again}`, { outcome: 'complete' })
    expect(passed.headers.get('location')).toContain('https://example.com/done')
    expect((await stripe.subscriptions.list()).data[0]).toMatchObject({ status: 'active' })
  },
)

test('numbers that are no test cards are refused, whatever their digits', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe)

  const mistyped = await submit(session.url ?? '', { ...CARD, cardNumber: '4242424242424241' })
  const unknown = await submit(session.url ?? '', { ...CARD, cardNumber: '4012888888881881' })

  expect(await mistyped.text()).toContain('Your card number is incorrect.')
  expect(await unknown.text()).toContain('test cards only')
})

test('a free trial asks for a card and is paid with nothing', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe, { subscription_data: { trial_period_days: 14 } })
  expect(session.amount_total).toBe(0)

  await submit(session.url ?? '', CARD)

  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] })
  expect(done.payment_status).toBe('paid')
  expect(done.subscription).toMatchObject({ status: 'trialing' })
  expect((await stripe.paymentIntents.list()).data).toEqual([])
})

test('setup mode saves a method and makes it the default of a customer who had none', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const session = await stripe.checkout.sessions.create({
    mode: 'setup',
    currency: 'usd',
    customer: customer.id,
    success_url: 'https://example.com/done',
  })

  await submit(session.url ?? '', CARD)

  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['setup_intent'] })
  const setup = done.setup_intent as Stripe.SetupIntent
  expect(setup).toMatchObject({ status: 'succeeded', customer: customer.id })
  const after = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
  expect(after.invoice_settings.default_payment_method).toBe(setup.payment_method)
})

test('payment mode charges once, with the intent on the session', async () => {
  const stripe = simulator.stripe()
  const price = await createPrice(stripe, 500, { recurring: undefined as never })
  const session = await stripe.checkout.sessions.create({
    mode: 'payment',
    line_items: [{ price: price.id, quantity: 3 }],
    payment_intent_data: { metadata: { order: '7' } },
    success_url: 'https://example.com/done',
  })

  await submit(session.url ?? '', CARD)

  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['payment_intent'] })
  expect(done).toMatchObject({ payment_status: 'paid', amount_total: 1_500 })
  expect(done.payment_intent).toMatchObject({
    status: 'succeeded',
    amount_received: 1_500,
    metadata: { order: '7' },
  })
})

test('a promotion code lowers the amount shown and the amount charged', async () => {
  const stripe = simulator.stripe()
  const coupon = await stripe.coupons.create({ percent_off: 25, duration: 'once' })
  await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'SPRING',
  })
  const session = await openSession(stripe, { allow_promotion_codes: true })

  const wrong = await submit(session.url ?? '', { action: 'apply', promotionCode: 'winter' })
  const right = await submit(session.url ?? '', { action: 'apply', promotionCode: 'spring' })
  await submit(session.url ?? '', CARD)

  expect(await wrong.text()).toContain('This promotion code is invalid.')
  expect(await right.text()).toContain('$21.75')
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['invoice'] })
  expect(done).toMatchObject({ amount_total: 2_175, total_details: { amount_discount: 725 } })
  expect(done.invoice).toMatchObject({ total: 2_175, amount_paid: 2_175 })
})

test('what Stripe refuses about a session is refused', async () => {
  const stripe = simulator.stripe()
  const price = await createPrice(stripe, 100)
  const base = {
    mode: 'subscription' as const,
    line_items: [{ price: price.id, quantity: 1 }],
    success_url: 'https://example.com',
  }
  const create = (params: Stripe.Checkout.SessionCreateParams) =>
    refusal(stripe.checkout.sessions.create(params))

  expect((await create({ ...base, payment_intent_data: { description: 'x' } })).param).toBe(
    'payment_intent_data',
  )
  expect((await create({ ...base, mode: 'payment' })).message).toContain('recurring price')
  expect((await create({ ...base, customer_update: { name: 'auto' } })).param).toBe(
    'customer_update',
  )
  expect((await create({ ...base, line_items: [{ price: price.id }] })).message).toContain(
    'Quantity is required',
  )
  const expiresAt = Math.floor(Date.now() / 1_000) + 60
  expect((await create({ ...base, expires_at: expiresAt })).param).toBe('expires_at')
  const types = { ...base, payment_method_types: ['card'] } as never
  expect((await create(types)).code).toBe('payment_method_types_no_longer_supported')
})

test.each([
  ['succeed', 'paid', 'checkout.session.async_payment_succeeded', 'succeeded'],
  ['fail', 'unpaid', 'checkout.session.async_payment_failed', 'requires_payment_method'],
])(
  'a purchase can be complete before it is paid, and later %s',
  async (outcome, paymentStatus, event, intentStatus) => {
    const key = `sk_test_delayed_${outcome}`
    const stripe = simulator.stripe(key)
    const { product } = await createPrice(stripe, 1)
    const price = await stripe.prices.create({
      product: product as string,
      currency: 'usd',
      unit_amount: 2_900,
    })
    const session = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price: price.id, quantity: 1 }],
      success_url: 'https://example.com/done',
    })
    await simulator.control('POST', '/_sim/delays', { next: 1 }, key)

    await submit(session.url!, CARD)

    const complete = await stripe.checkout.sessions.retrieve(session.id, {
      expand: ['payment_intent.latest_charge'],
    })
    expect(complete).toMatchObject({
      status: 'complete',
      payment_status: 'unpaid',
      payment_intent: { status: 'processing', latest_charge: { status: 'pending', paid: false } },
    })
    const intent = (complete.payment_intent as Stripe.PaymentIntent).id
    const canceled = await refusal(stripe.paymentIntents.cancel(intent))
    expect(canceled.code).toBe('payment_intent_unexpected_state')
    expect((await stripe.balanceTransactions.list()).data).toEqual([])

    await simulator.control('POST', `/_sim/payments/${intent}`, { outcome }, key)

    expect((await stripe.checkout.sessions.retrieve(session.id)).payment_status).toBe(paymentStatus)
    expect((await stripe.paymentIntents.retrieve(intent)).status).toBe(intentStatus)
    expect((await eventTypes(stripe)).at(-1)).toBe(event)
    expect((await stripe.balanceTransactions.list()).data).toHaveLength(outcome === 'fail' ? 0 : 1)
  },
)

test('a delayed payment that nobody decides succeeds after three days', async () => {
  const key = 'sk_test_delayed_alone'
  const stripe = simulator.stripe(key)
  await simulator.control('POST', '/_sim/delays', {}, key)
  const { id, status } = await stripe.paymentIntents.create({
    amount: 2_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://example.com',
  })
  expect(status).toBe('processing')

  await simulator.control('POST', '/_sim/clock', { by: 3 * 86_400 + 1 }, key)

  expect((await stripe.paymentIntents.retrieve(id)).status).toBe('succeeded')
})

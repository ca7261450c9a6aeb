import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { type OpenPage, openPage, readPage, submit } from './pages-support.ts'
import { createPrice, startReceiver, useSimulator } from './support.ts'

const simulator = useSimulator({ settings: { businessName: 'Ada & <Sons>' } })

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

async function payment(
  stripe: Stripe,
  extra: Partial<Stripe.Checkout.SessionCreateParams> = {},
): Promise<Stripe.Checkout.Session> {
  const price = await createPrice(stripe, 1_500, { recurring: undefined as never })
  return openSession(stripe, {
    mode: 'payment',
    line_items: [{ price: price.id, quantity: 1 }],
    ...extra,
  })
}

/** The page a form was answered with. */
async function answered(session: Stripe.Checkout.Session, response: Response): Promise<OpenPage> {
  return readPage(response, session.url ?? '')
}

test('a checkout needs no script and nothing from elsewhere, and its policy allows neither', async () => {
  const { url } = await openSession(simulator.stripe())

  const { html, headers } = await openPage(url ?? '')

  const policy = headers.get('content-security-policy') ?? ''
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain('unsafe')
  expect(headers.get('cache-control')).toBe('no-store')
  expect(headers.get('referrer-policy')).toBe('same-origin')
  expect(html).not.toMatch(/<script|<img|<link|\sstyle=|\son\w+=|src=/)
  expect(html.match(/https?:\/\/[^"<\s]+/g)).toEqual(['https://example.com/plans'])
  expect(html).toContain('Ada &amp; &lt;Sons&gt;')
})

test('everything wrong with the form is told at once, at its field, and what was typed stays', async () => {
  const session = await openSession(simulator.stripe(), {
    consent_collection: { terms_of_service: 'required' },
  })

  const response = await submit(session.url ?? '', {
    ...CARD,
    email: 'nobody',
    cardNumber: '4242424242424241',
    cardExpiry: '13 / 34',
    cardCvc: '12',
    billingName: '',
  })

  const { html } = await answered(session, response)
  for (const [field, text] of [
    ['email', 'Enter an email address'],
    ['cardNumber', 'Your card number is incorrect.'],
    ['cardExpiry', 'expiration month is invalid'],
    ['cardCvc', 'security code is invalid'],
    ['billingName', 'Enter the name on the card.'],
    ['terms', 'Please accept the terms of service.'],
  ] as const) {
    const input = new RegExp(`<input[^>]*id="${field}"[^>]*>`).exec(html)?.[0] ?? ''
    expect(input, field).toContain('aria-invalid="true"')
    expect(input, field).toContain(`aria-describedby="${field}-wrong"`)
    expect(html).toMatch(new RegExp(`id="${field}-wrong"[^>]*>\\s*[^<]*${text.slice(0, 20)}`))
  }
  expect(html).toContain('value="4242424242424241"')
  expect(html).toContain('value="nobody"')
})

test('a decline is told where the card was typed, and the typed data is still there', async () => {
  const session = await openSession(simulator.stripe())

  const declined = await answered(
    session,
    await submit(session.url ?? '', { ...CARD, cardNumber: '4000000000000069' }),
  )

  expect(declined.html).toMatch(/role="alert"[^>]*>\s*Your card has expired\./)
  expect(/<input[^>]*id="cardExpiry"[^>]*>/.exec(declined.html)?.[0]).toContain('aria-invalid')
  expect(declined.html).toContain('value="Ada Lovelace"')
  const paid = await declined.send({ cardNumber: '4242424242424242', action: 'pay' })
  expect(paid.headers.get('location')).toBe(`https://example.com/done?session=${session.id}`)
})

test('an example card fills in the form and keeps what was typed', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe)

  const filled = await answered(
    session,
    await submit(session.url ?? '', { email: 'ada@example.com', fill: '4242 4242 4242 4242' }),
  )
  expect(filled.html).toContain('value="4242 4242 4242 4242"')
  const paid = await filled.send({ action: 'pay' })

  expect(paid.status).toBe(303)
  const done = await stripe.checkout.sessions.retrieve(session.id)
  expect(done.customer_details).toMatchObject({ email: 'ada@example.com', name: 'Jenny Rosen' })
})

test('a form sent twice pays once, and both answers lead on', async () => {
  const stripe = simulator.stripe()
  const session = await payment(stripe)
  const page = await openPage(session.url ?? '')

  const answers = await Promise.all([page.send(CARD), page.send(CARD)])

  const locations = answers.map((answer) => answer.headers.get('location'))
  expect(new Set(locations)).toEqual(new Set([`https://example.com/done?session=${session.id}`]))
  expect((await stripe.charges.list()).data).toHaveLength(1)
})

test('a declined form sent twice tries the card once', async () => {
  const stripe = simulator.stripe()
  const session = await payment(stripe)
  const page = await openPage(session.url ?? '')
  const form = { ...CARD, cardNumber: '4000000000000002' }

  const answers = await Promise.all([page.send(form), page.send(form)])

  for (const answer of answers) expect(await answer.text()).toContain('Your card was declined.')
  expect((await stripe.charges.list()).data).toHaveLength(1)
})

test.each([
  ['without the seal of the page', {}, {}],
  ['with a made-up seal', { submission: `${'a'.repeat(16)}.${'0'.repeat(64)}` }, {}],
  ['by another site', null, { origin: 'https://evil.example' }],
  ['by another site, as the browser says', null, { 'sec-fetch-site': 'cross-site' }],
])('a form sent %s does nothing', async (_how, seal, headers: Record<string, string>) => {
  const stripe = simulator.stripe()
  const session = await payment(stripe)
  const { html } = await openPage(session.url ?? '')
  const ours = /name="submission" value="([^"]+)"/.exec(html)?.[1] ?? ''

  const response = await fetch(session.url ?? '', {
    method: 'POST',
    redirect: 'manual',
    headers: { 'Content-Type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams({ ...CARD, ...(seal ?? { submission: ours }) }),
  })

  expect(response.status).toBe(403)
  expect(await response.text()).toContain('Nothing was done.')
  expect(await stripe.checkout.sessions.retrieve(session.id)).toMatchObject({ status: 'open' })
  expect((await stripe.charges.list()).data).toEqual([])
})

test('the seal of one checkout does not open another', async () => {
  const stripe = simulator.stripe()
  const [one, other] = [await payment(stripe), await payment(stripe)]
  const { html } = await openPage(one.url ?? '')
  const submission = /name="submission" value="([^"]+)"/.exec(html)?.[1] ?? ''

  const response = await submit(other.url ?? '', { ...CARD, submission })

  expect(response.status).toBe(403)
  expect((await stripe.charges.list()).data).toEqual([])
})

test('prices say how they are counted: tiers, usage, packages and quantities', async () => {
  const stripe = simulator.stripe()
  const meter = await stripe.billing.meters.create({
    display_name: 'Requests',
    event_name: 'requests',
    default_aggregation: { formula: 'sum' },
  })
  const product = await stripe.products.create({ name: 'Requests', unit_label: 'request' })
  const metered = { interval: 'month' as const, usage_type: 'metered' as const, meter: meter.id }
  const tiered = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    billing_scheme: 'tiered',
    tiers_mode: 'graduated',
    tiers: [
      { up_to: 1_000, unit_amount: 0 },
      { up_to: 'inf', unit_amount_decimal: '0.045' as never },
    ],
    recurring: metered,
  })
  const packaged = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 100,
    transform_quantity: { divide_by: 1_000, round: 'up' },
    recurring: metered,
  })
  const seats = await createPrice(stripe, 500, { recurring: { interval: 'year' } })
  const session = await openSession(stripe, {
    line_items: [{ price: tiered.id }, { price: packaged.id }, { price: seats.id, quantity: 3 }],
  })

  const { html } = await openPage(session.url ?? '')

  const text = html.replaceAll(/<[^>]+>/g, ' ').replaceAll(/\s+/g, ' ')
  expect(text).toContain(
    'First 1,000 requests free, then $0.00045 per request, billed monthly by usage',
  )
  expect(text).toContain('$1.00 per 1000 requests, billed monthly by usage')
  expect(text).toContain('Qty 3, $5.00 each per year')
  expect(text).toContain('1 to 1,000 $0.00 1,001 and above $0.00045')
  expect(text).toContain('Total due today $15.00')
})

test('a trial without a payment needs no card where none is to be collected', async () => {
  const stripe = simulator.stripe()
  const session = await openSession(stripe, {
    subscription_data: {
      trial_period_days: 14,
      trial_settings: { end_behavior: { missing_payment_method: 'pause' } },
    },
    payment_method_collection: 'if_required',
  })
  const page = await openPage(session.url ?? '')
  expect(page.html).toContain('14 days free')
  expect(page.html).not.toContain('Card number')

  const response = await page.send({ email: 'ada@example.com', action: 'pay' })

  expect(response.status).toBe(303)
  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['subscription'] })
  expect(done.subscription).toMatchObject({ status: 'trialing', default_payment_method: null })
})

test('a promotion code is entered, shown with what it takes off, and can be taken back', async () => {
  const stripe = simulator.stripe()
  const coupon = await stripe.coupons.create({ amount_off: 900, currency: 'usd', duration: 'once' })
  await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'SPRING',
    restrictions: { minimum_amount: 5_000, minimum_amount_currency: 'usd' },
  })
  await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'WELCOME',
  })
  const session = await openSession(stripe, { allow_promotion_codes: true })
  const code = (promotionCode: string) =>
    submit(session.url ?? '', { action: 'apply', promotionCode })

  const tooLittle = await answered(session, await code('spring'))
  expect(tooLittle.html).toContain('needs an order of at least $50.00')
  const applied = await answered(session, await code('welcome'))
  expect(applied.html).toContain('$9.00 off once')
  expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(2_000)
  await applied.send({ action: 'remove-code' })

  expect((await stripe.checkout.sessions.retrieve(session.id)).amount_total).toBe(2_900)
})

test('the customer changes the quantity of a line within its bounds, and pays for that', async () => {
  const stripe = simulator.stripe()
  const price = await createPrice(stripe, 500)
  const session = await openSession(stripe, {
    line_items: [
      { price: price.id, quantity: 2, adjustable_quantity: { enabled: true, maximum: 5 } },
    ],
  })
  const { html } = await openPage(session.url ?? '')
  const field = /name="(quantity_\w+)"/.exec(html)?.[1] ?? ''

  await submit(session.url ?? '', { [field]: '4', action: 'quantity' })
  await submit(session.url ?? '', { [field]: '6', action: 'quantity' })
  await submit(session.url ?? '', CARD)

  const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ['line_items'] })
  expect(done.amount_total).toBe(2_000)
  expect(done.line_items?.data[0]?.quantity).toBe(4)
})

test('an expired checkout says so, leads back, and takes no payment', async () => {
  const stripe = simulator.stripe()
  const session = await payment(stripe)
  const page = await openPage(session.url ?? '')
  await stripe.checkout.sessions.expire(session.id)

  const late = await answered(session, await page.send(CARD))

  expect(late.html).toContain('This page has expired')
  expect(late.html).toContain('href="https://example.com/plans"')
  expect((await stripe.charges.list()).data).toEqual([])
})

test('a completed checkout opened again leads on and offers nothing to pay', async () => {
  const session = await payment(simulator.stripe())
  await submit(session.url ?? '', CARD)

  const { html } = await openPage(session.url ?? '')

  expect(html).toContain('already completed')
  expect(html).toContain(`href="https://example.com/done?session=${session.id}"`)
  expect(html).not.toContain('<form')
})

test('the customer comes back only after the webhooks have been answered', async () => {
  const stripe = simulator.stripe()
  const receiver = await startReceiver()
  await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['checkout.session.completed'],
  })
  const session = await payment(stripe)

  await submit(session.url ?? '', CARD)

  expect(receiver.received).toHaveLength(1)
  await receiver.close()
})

test('set-up mode asks the bank where the card wants it, and saves the card only then', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({ email: 'ada@example.com' })
  const session = await openSession(stripe, {
    mode: 'setup',
    currency: 'usd',
    line_items: undefined as never,
    customer: customer.id,
  })
  const sent = await submit(session.url ?? '', { ...CARD, cardNumber: '4000002500003155' })
  const challenge = `${simulator.url}${sent.headers.get('location')}`
  expect((await openPage(challenge)).html).toContain('Confirm your card')
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toEqual([])

  const passed = await submit(challenge, { outcome: 'complete' })

  expect(passed.headers.get('location')).toContain('https://example.com/done')
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
})

test('a payment confirmed by API is authenticated on the page, which returns with the outcome', async () => {
  const stripe = simulator.stripe()
  const intent = await stripe.paymentIntents.create({
    amount: 1_500,
    currency: 'usd',
    payment_method: 'pm_card_threeDSecure2Required',
    confirm: true,
    return_url: 'https://example.com/back?order=7',
  })
  const url = intent.next_action?.redirect_to_url?.url ?? ''
  expect((await openPage(url)).html).toContain('$15.00')

  const failed = await submit(url, { outcome: 'fail' })

  const target = new URL(failed.headers.get('location') ?? '')
  expect(Object.fromEntries(target.searchParams)).toMatchObject({
    order: '7',
    payment_intent: intent.id,
    redirect_status: 'failed',
  })
  expect(await stripe.paymentIntents.retrieve(intent.id)).toMatchObject({
    status: 'requires_payment_method',
  })
})

test('an unknown page is a page that says so', async () => {
  const { status, html } = await openPage(`${simulator.url}/c/pay/cs_test_unknown`)

  expect(status).toBe(404)
  expect(html).toContain('Page not found')
})

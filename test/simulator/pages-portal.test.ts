import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import { openPage, submit } from './pages-support.ts'
import { ALL, CARD, openPortal, target as targetOf, textOf, updates } from './portal-support.ts'
import {
  advance,
  createPrice,
  eventTypes,
  HOUR,
  JANUARY,
  NEW_YEAR,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

const target = (response: Response): string => targetOf(response, simulator.url)

test('the portal shows plan, cards, billing information and invoices, and leads back', async () => {
  const { stripe, customer } = await subscribe(simulator)

  const text = textOf(await openPage(await openPortal(stripe, customer.id, ALL)))

  for (const words of [
    'Your account with us',
    'Plan at 3100 $31.00 per month',
    'Your subscription renews on February 1, 2026.',
    'Visa •••• 4242',
    'ada@example.com',
    'Jan 1, 2026',
    'Cancel subscription',
    'Return to Simulated Business',
  ]) {
    expect(text).toContain(words)
  }
})

test('what the configuration turns off is neither shown nor reachable', async () => {
  const { stripe, customer, subscription } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, { invoice_history: { enabled: false } })
  const text = textOf(await openPage(url))
  for (const words of ['Payment methods', 'Billing information', 'Invoice history', 'Cancel']) {
    expect(text).not.toContain(words)
  }
  for (const path of ['cancel', 'pause', 'update', 'card', 'renew']) {
    const { status } = await openPage(`${url}/subscriptions/${subscription.id}/${path}`)
    expect(status, path).toBe(404)
  }
  for (const path of ['cards/new', 'details']) {
    expect((await openPage(`${url}/${path}`)).status, path).toBe(404)
  }
})

test("a session sees nothing of another customer's", async () => {
  const { stripe, customer } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, ALL)
  const other = await stripe.customers.create({
    payment_method: 'pm_card_mastercard',
    invoice_settings: { default_payment_method: 'pm_card_mastercard' },
  })
  const price = await createPrice(stripe, 900)
  const foreign = await stripe.subscriptions.create({
    customer: other.id,
    items: [{ price: price.id }],
  })
  const [card] = (await stripe.customers.listPaymentMethods(other.id)).data

  const page = await openPage(`${url}/subscriptions/${foreign.id}/cancel`)
  const home = await openPage(url)
  const removed = await (await openPage(`${url}/cards/new`)).send({ action: 'save' })

  expect(page.status).toBe(404)
  expect(home.html).not.toContain('4444')
  expect(await removed.text()).toContain('incomplete')
  expect((await stripe.customers.listPaymentMethods(other.id)).data[0]?.id).toBe(card?.id)
})

test('a link works for half an hour', async () => {
  const stripe = simulator.stripe('sk_test_late')
  const customer = await stripe.customers.create({ name: 'Ada' })
  const url = await openPortal(stripe, customer.id, ALL)
  expect((await openPage(url)).html).toContain('Current subscription')
  await simulator.control('POST', '/_sim/clock', { by: 31 * 60 }, 'sk_test_late')

  const { html } = await openPage(url)

  expect(html).toContain('This session has expired')
  expect(html).toContain('href="https://example.com/account"')
})

test('canceling sets only the date in flexible mode, keeps the reason, and can be taken back', async () => {
  const { stripe, customer, subscription } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, ALL)

  const done = await submit(`${url}/subscriptions/${subscription.id}/cancel`, {
    feedback: 'too_expensive',
    comment: 'Too much for one person',
    action: 'cancel',
  })

  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    status: 'active',
    cancel_at: NEW_YEAR + JANUARY,
    cancel_at_period_end: false,
    cancellation_details: { feedback: 'too_expensive', comment: 'Too much for one person' },
  })
  const home = textOf(await openPage(target(done)))
  expect(home).toContain('Your subscription ends on February 1, 2026.')
  await submit(`${url}/subscriptions/${subscription.id}/renew`, { action: 'confirm' })
  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({ cancel_at: null })
})

test('canceling at once credits and bills what the configuration says', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator)
  await advance(stripe, clock, NEW_YEAR + JANUARY / 2)
  const url = await openPortal(stripe, customer.id, {
    subscription_cancel: {
      enabled: true,
      mode: 'immediately',
      proration_behavior: 'always_invoice',
    },
  })

  await submit(`${url}/subscriptions/${subscription.id}/cancel`, { action: 'cancel' })

  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    status: 'canceled',
  })
  const after = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
  expect(after.balance).toBe(-1_550)
  expect((await eventTypes(stripe)).filter((type) => type.endsWith('.deleted'))).toEqual([
    'customer.subscription.deleted',
  ])
})

test('an upgrade costs what its preview says, to the cent, and is paid at once', async () => {
  const { stripe, clock, customer, subscription, price } = await subscribe(simulator)
  const better = await createPrice(stripe, 9_300)
  await advance(stripe, clock, NEW_YEAR + 10 * 24 * HOUR)
  const url = await openPortal(stripe, customer.id, updates([price, better]))
  const choose = await openPage(`${url}/subscriptions/${subscription.id}/update`)
  expect(textOf(choose)).toContain('Plan at 9300 $93.00 per month')

  const preview = await openPage(
    `${url}/subscriptions/${subscription.id}/update/preview?price=${better.id}`,
  )
  const before = (await eventTypes(stripe)).length
  const shown = /Amount due today \$([\d.]+)/.exec(textOf(preview))?.[1]
  const done = await preview.send({ action: 'confirm' })

  expect(target(done)).toBe(`${url}?notice=updated`)
  const after = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(after.items.data[0]?.price.id).toBe(better.id)
  const invoice = after.latest_invoice as Stripe.Invoice
  expect(invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update' })
  expect((invoice.amount_paid / 100).toFixed(2)).toBe(shown)
  // 21 of 31 days at 62.00 more.
  expect(invoice.amount_paid).toBe(4_200)
  expect((await eventTypes(stripe)).slice(before)).toEqual(
    expect.arrayContaining([
      'customer.subscription.updated',
      'invoice.created',
      'invoice.finalized',
      'payment_intent.succeeded',
      'charge.succeeded',
      'invoice.paid',
      'invoice.payment_succeeded',
    ]),
  )
})

test.each([
  ['end_trial', 'active', 9_300, '$93.00'],
  ['continue_trial', 'trialing', 0, '$0.00'],
] as const)(
  'a change within a trial with %s leaves it %s and costs %i',
  async (behavior, status, paid, due) => {
    const made = await subscribe(simulator, { trial_end: NEW_YEAR + 10 * 24 * HOUR })
    const { stripe, customer, subscription, price } = made
    const better = await createPrice(stripe, 9_300)
    const url = await openPortal(
      stripe,
      customer.id,
      updates([price, better], { trial_update_behavior: behavior }),
    )
    const preview = await openPage(
      `${url}/subscriptions/${subscription.id}/update/preview?price=${better.id}`,
    )
    expect(textOf(preview)).toContain(`Amount due today ${due}`)

    await preview.send({ action: 'confirm' })

    const after = await stripe.subscriptions.retrieve(subscription.id)
    expect(after.status).toBe(status)
    expect(after.items.data[0]?.price.id).toBe(better.id)
    const charges = await stripe.charges.list({ customer: customer.id })
    expect(charges.data.reduce((sum, { amount }) => sum + amount, 0)).toBe(paid)
  },
)

test('an upgrade whose payment is declined changes nothing and says so', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const better = await createPrice(stripe, 9_300)
  const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id })
  const url = await openPortal(stripe, customer.id, updates([price, better]))
  const invoices = (await stripe.invoices.list({ customer: customer.id })).data.length

  const answer = await submit(
    `${url}/subscriptions/${subscription.id}/update/preview?price=${better.id}`,
    { action: 'confirm' },
  )

  expect(await answer.text()).toMatch(/role="alert"[^>]*>\s*Your card was declined\./)
  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after).toMatchObject({ status: 'active', pending_update: null })
  expect(after.items.data[0]?.price.id).toBe(price.id)
  expect((await stripe.invoices.list({ customer: customer.id })).data).toHaveLength(invoices)
})

test('an upgrade the bank asks about takes effect when it was confirmed, and not before', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const better = await createPrice(stripe, 9_300)
  const asking = await stripe.paymentMethods.attach('pm_card_authenticationRequired', {
    customer: customer.id,
  })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: asking.id })
  const url = await openPortal(stripe, customer.id, updates([price, better]))
  const path = `${url}/subscriptions/${subscription.id}/update/preview?price=${better.id}`
  const priceNow = async () =>
    (await stripe.subscriptions.retrieve(subscription.id)).items.data[0]?.price.id

  const first = target(await submit(path, { action: 'confirm' }))
  expect(first).toContain('/authenticate/pi_')
  expect(await priceNow()).toBe(price.id)
  const failed = await openPage(target(await submit(first, { outcome: 'fail' })))
  expect(textOf(failed)).toContain('nothing has changed')
  expect(await priceNow()).toBe(price.id)
  const second = target(await submit(path, { action: 'confirm' }))
  const passed = await openPage(target(await submit(second, { outcome: 'complete' })))

  expect(textOf(passed)).toContain('Your subscription is updated.')
  expect(await priceNow()).toBe(better.id)
})

test('a downgrade within a product waits for the end of the period where it is configured to', async () => {
  const { stripe, clock, customer, subscription, price } = await subscribe(simulator)
  const smaller = await createPrice(stripe, 1_000, { product: price.product as string })
  const url = await openPortal(
    stripe,
    customer.id,
    updates([price, smaller], {
      schedule_at_period_end: { conditions: [{ type: 'decreasing_item_amount' }] },
    }),
  )
  const preview = await openPage(
    `${url}/subscriptions/${subscription.id}/update/preview?price=${smaller.id}`,
  )
  expect(textOf(preview)).toContain('Due on February 1, 2026 $10.00 Amount due today $0.00')

  const home = await openPage(target(await preview.send({ action: 'confirm' })))

  expect(textOf(home)).toContain('Your subscription changes on February 1, 2026.')
  const before = await stripe.subscriptions.retrieve(subscription.id)
  expect(before.items.data[0]?.price.id).toBe(price.id)
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const after = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(after.items.data[0]?.price.id).toBe(smaller.id)
  expect(after.latest_invoice).toMatchObject({ status: 'paid', total: 1_000 })
})

test('only offered prices and quantities within their bounds can be chosen', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const hidden = await createPrice(stripe, 1)
  const url = await openPortal(
    stripe,
    customer.id,
    updates([], {
      products: [
        {
          product: price.product as string,
          prices: [price.id],
          adjustable_quantity: { enabled: true, minimum: 1, maximum: 5 },
        },
      ],
    }),
  )
  const path = `${url}/subscriptions/${subscription.id}/update/preview`

  for (const query of [`price=${hidden.id}`, `price=${price.id}&quantity=6`, 'price=']) {
    const { url: end } = await openPage(`${path}?${query}`)
    expect(end, query).toBe(`${url}/subscriptions/${subscription.id}/update`)
  }
  await submit(`${path}?price=${price.id}&quantity=3`, { action: 'confirm' })

  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after.items.data[0]).toMatchObject({ quantity: 3, price: { id: price.id } })
})

test('a promotion code comes with a change where the configuration allows it', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const coupon = await stripe.coupons.create({ percent_off: 50, duration: 'forever' })
  await stripe.promotionCodes.create({
    promotion: { type: 'coupon', coupon: coupon.id },
    code: 'HALF',
  })
  const url = await openPortal(
    stripe,
    customer.id,
    updates([price], { default_allowed_updates: ['price', 'promotion_code'] }),
  )
  const path = `${url}/subscriptions/${subscription.id}/update/preview?price=${price.id}`

  const wrong = await openPage(`${path}&promotionCode=quarter`)
  expect(wrong.html).toContain('This promotion code is invalid.')
  const preview = await openPage(`${path}&promotionCode=half`)
  expect(textOf(preview)).toContain('50% off forever')
  await preview.send({ action: 'confirm' })

  const next = await stripe.invoices.createPreview({ subscription: subscription.id })
  expect(next.total).toBe(1_550)
})

test('subscriptions by usage or to several products can be canceled but not changed', async () => {
  const { stripe, customer, subscription, price } = await subscribe(simulator)
  const extra = await createPrice(stripe, 500)
  await stripe.subscriptions.update(subscription.id, { items: [{ price: extra.id }] })
  const url = await openPortal(stripe, customer.id, updates([price]))

  const home = textOf(await openPage(url))
  const { status, html } = await openPage(`${url}/subscriptions/${subscription.id}/update`)

  expect(home).not.toContain('Update subscription')
  expect(home).toContain('Cancel subscription')
  expect([status, html.includes('several products')]).toEqual([409, true])
})

test('a card added becomes the default once its bank agrees, and the old one can go', async () => {
  const { stripe, customer } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, ALL)
  const defaultCard = async () => {
    const { invoice_settings: settings } = (await stripe.customers.retrieve(
      customer.id,
    )) as Stripe.Customer
    return (await stripe.paymentMethods.retrieve(settings.default_payment_method as string)).card
      ?.last4
  }
  const declined = await submit(`${url}/cards/new`, { ...CARD, cardNumber: '4000000000000002' })
  expect(await declined.text()).toMatch(/role="alert"[^>]*>\s*Your card was declined\./)
  const asked = await submit(`${url}/cards/new`, { ...CARD, cardNumber: '4000002500003155' })
  expect(await defaultCard()).toBe('4242')

  const back = await openPage(target(await submit(target(asked), { outcome: 'complete' })))

  expect(textOf(back)).toContain('Your card is saved.')
  expect(await defaultCard()).toBe('3155')
  const [, old] = (await stripe.customers.listPaymentMethods(customer.id)).data
  const removed = await back.send({ method: old?.id ?? '', action: 'remove' })
  expect(target(removed)).toBe(`${url}?notice=card-removed`)
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(1)
})

test('a card in use cannot be removed, whatever is sent', async () => {
  const { stripe, customer, subscription } = await subscribe(simulator)
  const own = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
  await stripe.paymentMethods.attach('pm_card_amex', { customer: customer.id })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: own.id })
  const url = await openPortal(stripe, customer.id, ALL)

  // The form of the card that may go, with the other card in it.
  const answer = await (await openPage(url)).send({ method: own.id, action: 'remove' })

  expect(answer.status).toBe(404)
  expect((await stripe.customers.listPaymentMethods(customer.id)).data).toHaveLength(3)
})

test('a subscription with a card of its own can be given another', async () => {
  const { stripe, customer, subscription } = await subscribe(simulator)
  const own = await stripe.paymentMethods.attach('pm_card_mastercard', { customer: customer.id })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: own.id })
  const url = await openPortal(stripe, customer.id, ALL)
  const page = await openPage(`${url}/subscriptions/${subscription.id}/card`)
  const visa = (await stripe.customers.listPaymentMethods(customer.id)).data.find(
    ({ card }) => card?.brand === 'visa',
  )

  await page.send({ method: visa?.id ?? '', action: 'choose' })

  expect(await stripe.subscriptions.retrieve(subscription.id)).toMatchObject({
    default_payment_method: visa?.id,
  })
})

test('billing information is changed where it may be, and only there', async () => {
  const { stripe, customer } = await subscribe(simulator)
  const url = await openPortal(stripe, customer.id, {
    customer_update: { enabled: true, allowed_updates: ['name', 'address', 'tax_id'] },
  })
  const page = await openPage(`${url}/details`)
  expect(page.html).not.toContain('name="email"')
  const wrong = await page.send({ name: '', country: 'DE', action: 'save' })
  expect(await wrong.text()).toContain('Enter a name.')

  await page.send({
    name: 'Ada King',
    email: 'other@example.com',
    country: 'GB',
    addressLine1: '1 St James’s Square',
    addressPostalCode: 'SW1Y 4LE',
    addressCity: 'London',
    action: 'save',
  })
  await page.send({ taxIdType: 'gb_vat', taxId: 'GB 123 4567 89', action: 'add-tax-id' })

  const after = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
  expect(after).toMatchObject({
    name: 'Ada King',
    email: 'ada@example.com',
    address: { city: 'London', country: 'GB' },
  })
  const [taxId] = (await stripe.customers.listTaxIds(customer.id)).data
  expect(taxId).toMatchObject({ type: 'gb_vat', value: 'GB123456789' })
  await (
    await openPage(`${url}/details`)
  ).send({ taxIdId: taxId?.id ?? '', action: 'remove-tax-id' })
  expect((await stripe.customers.listTaxIds(customer.id)).data).toEqual([])
})

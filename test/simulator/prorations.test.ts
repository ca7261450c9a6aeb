import type { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  createPrice,
  DAY,
  eventTypes,
  HOUR,
  JANUARY,
  lineAmounts,
  NEW_YEAR,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()

test('an upgrade in the middle of the period charges what the preview said, to the cent', async () => {
  const { stripe, clock, subscription, item } = await subscribe(simulator)
  const pro = await createPrice(stripe, 6_200)
  const at = NEW_YEAR + 10 * DAY + 12_345
  await advance(stripe, clock, at)
  const items = [{ id: item.id, price: pro.id }]

  const preview = await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items, proration_behavior: 'always_invoice', proration_date: at },
  })
  const updated = await stripe.subscriptions.update(subscription.id, {
    items,
    proration_behavior: 'always_invoice',
    proration_date: at,
    expand: ['latest_invoice'],
  })

  const invoice = updated.latest_invoice as Stripe.Invoice
  expect(invoice).toMatchObject({ status: 'paid', billing_reason: 'subscription_update' })
  expect(lineAmounts(preview)).toEqual(lineAmounts(invoice))
  expect(preview.amount_due).toBe(invoice.amount_paid)
  expect(updated.billing_cycle_anchor).toBe(NEW_YEAR)
})

test('what a preview tried out and took back does not disturb the order of events', async () => {
  const { stripe, clock, subscription, item } = await subscribe(simulator)
  const pro = await createPrice(stripe, 6_200)
  await advance(stripe, clock, NEW_YEAR + 10 * DAY)
  const items = [{ id: item.id, price: pro.id }]
  await stripe.invoices.createPreview({
    subscription: subscription.id,
    subscription_details: { items, proration_behavior: 'always_invoice' },
  })
  await stripe.customers.create({ name: 'Between' })

  await stripe.subscriptions.update(subscription.id, {
    items,
    proration_behavior: 'always_invoice',
  })

  const types = await eventTypes(stripe)
  const since = types.slice(types.lastIndexOf('customer.created') + 1)
  expect(since.filter((type) => !type.endsWith('.updated'))).toEqual([
    'invoiceitem.created',
    'invoiceitem.created',
    'invoice.created',
    'invoice.finalized',
    'payment_intent.created',
    'charge.succeeded',
    'payment_intent.succeeded',
    'invoice_payment.paid',
    'invoice.paid',
    'invoice.payment_succeeded',
  ])
})

test('10 to 20 at half the period is −5.00 and +10.00', async () => {
  const { stripe, clock, subscription, item } = await subscribe(simulator, { amount: 1_000 })
  const double = await createPrice(stripe, 2_000)
  await advance(stripe, clock, NEW_YEAR + JANUARY / 2)

  const updated = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: item.id, price: double.id }],
    proration_behavior: 'always_invoice',
    expand: ['latest_invoice'],
  })

  expect(lineAmounts(updated.latest_invoice as Stripe.Invoice).toSorted((a, b) => a - b)).toEqual([
    -500, 1_000,
  ])
})

test.each([
  ['classic', [-667, 333]],
  ['flexible', [-333, 333]],
] as const)(
  'a downgrade after an unprorated upgrade credits %s amounts',
  async (type, expected) => {
    const { stripe, clock, subscription, item, price } = await subscribe(simulator, {
      amount: 1_000,
      billing_mode: { type },
    })
    const double = await createPrice(stripe, 2_000)
    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: double.id }],
      proration_behavior: 'none',
    })
    await advance(stripe, clock, NEW_YEAR + Math.round((JANUARY * 2) / 3))

    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: item.id, price: price.id }],
    })

    const pending = await stripe.invoiceItems.list({ customer: subscription.customer as string })
    expect(pending.data.map(({ amount }) => amount).toSorted((a, b) => a - b)).toEqual(expected)
  },
)

test.each([
  ['classic', -250],
  ['flexible', -417],
] as const)(
  'canceling one of two items under a coupon credits it the %s way',
  async (type, expected) => {
    const stripe = simulator.stripe()
    const clock = await createClock(stripe)
    const customer = await createCustomer(stripe, clock)
    const coupon = await stripe.coupons.create({
      amount_off: 500,
      currency: 'usd',
      duration: 'forever',
    })
    const [ten, twenty] = [await createPrice(stripe, 1_000), await createPrice(stripe, 2_000)]
    const subscription = await stripe.subscriptions.create({
      customer: customer.id,
      items: [{ price: ten.id }, { price: twenty.id }],
      discounts: [{ coupon: coupon.id }],
      billing_mode: { type },
      expand: ['latest_invoice'],
    })
    const first = subscription.latest_invoice as Stripe.Invoice
    expect(first.lines.data.map((line) => line.discount_amounts?.[0]?.amount)).toEqual([166, 334])
    await advance(stripe, clock, NEW_YEAR + JANUARY / 2)

    await stripe.subscriptions.update(subscription.id, {
      items: [{ id: subscription.items.data[0]!.id, deleted: true }],
    })

    const [credit] = (await stripe.invoiceItems.list({ customer: customer.id, pending: true })).data
    expect(credit).toMatchObject({ amount: expected, proration: true, discountable: false })
  },
)

test('create_prorations waits for the renewal, none charges nothing for the rest', async () => {
  const { stripe, clock, subscription, item } = await subscribe(simulator, { amount: 1_000 })
  const double = await createPrice(stripe, 2_000)
  await advance(stripe, clock, NEW_YEAR + JANUARY / 2)

  await stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, price: double.id }] })
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [renewal] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(renewal).toMatchObject({
    total: -500 + 1_000 + 2_000,
    billing_reason: 'subscription_cycle',
  })
})

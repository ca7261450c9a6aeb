import type { Stripe } from 'stripe'
import { createClock, DAY, HOUR, idOf, JANUARY } from '../support.ts'
import { monthly, type Walk } from './recorder.ts'

async function subscriber({ stripe }: Walk, card = 'pm_card_visa') {
  const clock = await createClock(stripe)
  const customer = await stripe.customers.create({
    name: 'Subscriber',
    email: 'subscriber@example.com',
    test_clock: clock,
    payment_method: card,
    invoice_settings: { default_payment_method: card },
  })
  const product = await stripe.products.create({ name: 'Subscribed' })
  const price = await stripe.prices.create(monthly(product.id, 3_000))
  const better = await stripe.prices.create(monthly(product.id, 6_000))
  return { clock, customer: customer.id, product: product.id, price: price.id, better: better.id }
}

export async function walkSubscriptions(walk: Walk): Promise<void> {
  const { stripe } = walk
  const { clock, customer, product, price, better } = await subscriber(walk)
  const feature = await stripe.entitlements.features.create({ name: 'Pro', lookup_key: 'pro' })
  await stripe.products.createFeature(product, { entitlement_feature: feature.id })
  const subscription = await stripe.subscriptions.create({
    customer,
    items: [{ price }],
    trial_period_days: 3,
    metadata: { walk: 'yes' },
    expand: ['latest_invoice.confirmation_secret', 'pending_setup_intent', 'customer'],
  })
  const [entitlement] = (await stripe.entitlements.activeEntitlements.list({ customer })).data
  await stripe.entitlements.activeEntitlements.retrieve(entitlement!.id, { expand: ['feature'] })
  await walk.advance(clock, 3 * DAY + 2 * HOUR)
  await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice.payments'] })
  await stripe.subscriptions.list({ customer, status: 'all' })
  await stripe.subscriptions.search({ query: 'metadata["walk"]:"yes"' })

  const coupon = await stripe.coupons.create({ percent_off: 5, duration: 'forever' })
  await stripe.subscriptions.update(subscription.id, {
    items: [{ id: subscription.items.data[0]!.id, price: better }],
    proration_behavior: 'always_invoice',
    discounts: [{ coupon: coupon.id }],
  })
  await stripe.subscriptions.deleteDiscount(subscription.id)

  const addOn = await stripe.prices.create(monthly(product, 500))
  const item = await stripe.subscriptionItems.create({
    subscription: subscription.id,
    price: addOn.id,
    quantity: 2,
  })
  await stripe.subscriptionItems.retrieve(item.id)
  await stripe.subscriptionItems.update(item.id, { quantity: 3 })
  await stripe.subscriptionItems.list({ subscription: subscription.id })
  await stripe.subscriptionItems.del(item.id)

  await stripe.subscriptions.pause(subscription.id, { type: 'subscription' })
  await stripe.subscriptions.resume(subscription.id, {})
  await walk.advance(clock, JANUARY)
  await stripe.subscriptions.cancel(subscription.id, { prorate: true, invoice_now: true })

  const classic = await stripe.subscriptions.create({
    customer,
    items: [{ price }],
    billing_mode: { type: 'classic' },
  })
  await stripe.subscriptions.migrate(classic.id, { billing_mode: { type: 'flexible' } })

  await stripe.testHelpers.testClocks.list()
  await stripe.testHelpers.testClocks.del(clock)
}

/** Payments that fail: retries, an end, an update that waits. */
export async function walkDunning(walk: Walk): Promise<void> {
  const { stripe } = walk
  const { clock, customer, price, better } = await subscriber(walk)
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] })
  const bad = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', { customer })
  await stripe.customers.update(customer, { invoice_settings: { default_payment_method: bad.id } })
  const change = {
    items: [{ id: subscription.items.data[0]!.id, price: better }],
    payment_behavior: 'pending_if_incomplete',
    proration_behavior: 'always_invoice',
  } satisfies Stripe.SubscriptionUpdateParams
  const waiting = await stripe.subscriptions.update(subscription.id, change)
  await stripe.invoices.pay(idOf(waiting.latest_invoice), { payment_method: 'pm_card_visa' })
  await walk.advance(clock, DAY)
  await stripe.subscriptions.update(subscription.id, {
    ...change,
    items: [{ id: subscription.items.data[0]!.id, price, quantity: 9 }],
  })
  await walk.advance(clock, DAY)
  await walk.advance(clock, JANUARY)
  await stripe.subscriptionSchedules.create({ from_subscription: subscription.id })
  await walk.advance(clock, 20 * DAY)

  const challenged = await stripe.paymentMethods.attach('pm_card_authenticationRequired', {
    customer,
  })
  await stripe.subscriptions.create({
    customer,
    items: [{ price }],
    default_payment_method: challenged.id,
    payment_behavior: 'allow_incomplete',
  })
}

export async function walkSchedules(walk: Walk): Promise<void> {
  const { stripe } = walk
  const { clock, customer, price, better } = await subscriber(walk)
  const subscription = await stripe.subscriptions.create({ customer, items: [{ price }] })
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const [current] = schedule.phases
  await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      { items: [{ price }], start_date: current!.start_date, end_date: current!.end_date },
      { items: [{ price: better }], duration: { interval: 'month', interval_count: 1 } },
    ],
    end_behavior: 'release',
  })
  await stripe.subscriptionSchedules.retrieve(schedule.id, { expand: ['subscription'] })
  await stripe.subscriptionSchedules.list({ customer })
  await walk.advance(clock, JANUARY + DAY)
  await walk.advance(clock, 35 * DAY)
  const later = () =>
    stripe.subscriptionSchedules.create({
      customer,
      start_date: current!.start_date + 400 * DAY,
      phases: [{ items: [{ price }], duration: { interval: 'month', interval_count: 1 } }],
    })
  await stripe.subscriptionSchedules.cancel((await later()).id)
  const other = await stripe.subscriptions.create({ customer, items: [{ price }] })
  const released = await stripe.subscriptionSchedules.create({ from_subscription: other.id })
  await stripe.subscriptionSchedules.release(released.id)
  const ended = await stripe.subscriptionSchedules.create({
    customer,
    start_date: 'now',
    end_behavior: 'cancel',
    phases: [{ items: [{ price }], duration: { interval: 'month', interval_count: 1 } }],
  })
  await walk.advance(clock, 40 * DAY)
  await stripe.subscriptionSchedules.retrieve(ended.id)
}

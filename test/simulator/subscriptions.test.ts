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
  NEW_YEAR,
  refusal,
  JANUARY,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
test('a subscription is active when its first invoice is paid, with its period on the item', async () => {
  const { stripe, subscription, item } = await subscribe(simulator)

  expect(subscription).toMatchObject({
    status: 'active',
    billing_mode: { type: 'flexible' },
    start_date: NEW_YEAR,
    billing_cycle_anchor: NEW_YEAR,
  })
  expect([item.current_period_start, item.current_period_end]).toEqual([
    NEW_YEAR,
    NEW_YEAR + JANUARY,
  ])
  const invoice = await stripe.invoices.retrieve(subscription.latest_invoice as string, {
    expand: ['payments'],
  })
  expect(invoice).toMatchObject({
    status: 'paid',
    total: 3_100,
    billing_reason: 'subscription_create',
    attempt_count: 1,
    parent: { subscription_details: { subscription: subscription.id } },
  })
  expect(invoice.number).toMatch(/^[0-9A-Z]{8}-0001$/)
  expect(invoice.payments?.data[0]).toMatchObject({ is_default: true, amount_paid: 3_100 })
})

test('a renewal stays a draft for an hour, then is finalized and collected', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator)

  await advance(stripe, clock, NEW_YEAR + JANUARY + 60)
  const [draft] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(draft).toMatchObject({
    status: 'draft',
    billing_reason: 'subscription_cycle',
    automatically_finalizes_at: NEW_YEAR + JANUARY + HOUR,
    number: null,
  })
  await advance(stripe, clock, NEW_YEAR + JANUARY + HOUR + 60)

  const paid = await stripe.invoices.retrieve(draft!.id)
  expect(paid).toMatchObject({ status: 'paid', total: 3_100, attempt_count: 1 })
  const { items } = await stripe.subscriptions.retrieve(subscription.id)
  expect(items.data[0]?.current_period_start).toBe(NEW_YEAR + JANUARY)
})

test('a billing day of the 31st falls on the last day of short months and comes back', async () => {
  const stripe = simulator.stripe()
  const anchor = Date.UTC(2026, 0, 31, 12) / 1_000
  const clock = await createClock(stripe, anchor)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 1_000)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })

  for (const month of [1, 2, 3, 4])
    await advance(stripe, clock, Date.UTC(2026, month + 1, 1) / 1_000)

  const invoices = await stripe.invoices.list({ subscription: id, limit: 100 })
  const days = invoices.data.map(({ created }) =>
    new Date(created * 1_000).toISOString().slice(5, 10),
  )
  expect(days.toReversed()).toEqual(['01-31', '02-28', '03-31', '04-30', '05-31'])
})

test('a first payment that fails leaves an incomplete subscription, which expires after 23 hours', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator, {
    card: 'pm_card_chargeCustomerFail',
  })
  expect(subscription.status).toBe('incomplete')

  await advance(stripe, clock, NEW_YEAR + 23 * HOUR + 1)

  const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
  expect(after.status).toBe('incomplete_expired')
  expect(after.latest_invoice).toMatchObject({ status: 'void' })
})

test('an incomplete subscription becomes active when its invoice is paid in time', async () => {
  const { stripe, subscription } = await subscribe(simulator, {
    amount: 3_100,
    payment_behavior: 'default_incomplete',
  })
  expect(subscription.status).toBe('incomplete')

  await stripe.invoices.pay(subscription.latest_invoice as string)

  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
})

test('error_if_incomplete leaves nothing behind but its answer when the payment fails', async () => {
  const stripe = simulator.stripe()
  const customer = await createCustomer(stripe, null, 'pm_card_chargeCustomerFail')
  const price = await createPrice(stripe, 1_000)

  const create = () =>
    refusal(
      stripe.subscriptions.create(
        {
          customer: customer.id,
          items: [{ price: price.id }],
          payment_behavior: 'error_if_incomplete',
        },
        { idempotencyKey: 'once' },
      ),
    )
  const error = await create()
  const repeated = await create()

  expect(repeated.headers?.['idempotent-replayed']).toBe('true')
  expect(error).toMatchObject({ statusCode: 402, code: 'card_declined' })
  expect((await stripe.subscriptions.list({ status: 'all' })).data).toEqual([])
  expect((await stripe.invoices.list()).data).toEqual([])
})

test('nobody can be charged without a method, and Stripe says so', async () => {
  const stripe = simulator.stripe()
  const customer = await stripe.customers.create({})
  const price = await createPrice(stripe, 1_000)
  const error = await refusal(
    stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] }),
  )
  expect(error.message).toContain('no attached payment source or default payment method')
})

test('a cancellation at the end of the period is only a date until then', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator)
  const scheduled = await stripe.subscriptions.update(subscription.id, {
    cancel_at_period_end: true,
  })
  expect(scheduled).toMatchObject({ status: 'active', cancel_at: NEW_YEAR + JANUARY })

  const resumed = await stripe.subscriptions.update(subscription.id, {
    cancel_at_period_end: false,
  })
  expect(resumed).toMatchObject({ cancel_at: null, canceled_at: null })
  await stripe.subscriptions.update(subscription.id, { cancel_at: 'min_period_end' })
  await advance(stripe, clock, NEW_YEAR + JANUARY + DAY)

  const ended = await stripe.subscriptions.retrieve(subscription.id)
  expect(ended).toMatchObject({ status: 'canceled', ended_at: NEW_YEAR + JANUARY })
  expect((await stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(1)
  expect(
    (await eventTypes(stripe)).filter((type) => type === 'customer.subscription.deleted'),
  ).toHaveLength(1)
  const gone = await stripe.subscriptions.list({ customer: subscription.customer as string })
  const all = await stripe.subscriptions.list({
    customer: subscription.customer as string,
    status: 'all',
  })
  expect([gone.data.length, all.data.length]).toEqual([0, 1])
})

test('canceling now with prorate and invoice_now gives the unused time back', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator)
  await advance(stripe, clock, NEW_YEAR + 21 * DAY)

  const canceled = await stripe.subscriptions.cancel(subscription.id, {
    prorate: true,
    invoice_now: true,
    expand: ['latest_invoice'],
  })

  expect(canceled.latest_invoice).toMatchObject({ total: -1_000, amount_due: 0, status: 'paid' })
  const { balance } = (await stripe.customers.retrieve(customer.id)) as Stripe.Customer
  expect(balance).toBe(-1_000)
})

test('a trial is free, tells of its end three days ahead and then charges', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator, {
    amount: 1_000,
    trial_period_days: 14,
  })
  expect(subscription).toMatchObject({ status: 'trialing', trial_end: NEW_YEAR + 14 * DAY })

  await advance(stripe, clock, NEW_YEAR + 11 * DAY + 1)
  expect(await eventTypes(stripe)).toContain('customer.subscription.trial_will_end')
  await advance(stripe, clock, NEW_YEAR + 14 * DAY + 2 * HOUR)

  const after = await stripe.subscriptions.retrieve(subscription.id, { expand: ['latest_invoice'] })
  expect(after.status).toBe('active')
  expect(after.billing_cycle_anchor).toBe(NEW_YEAR + 14 * DAY)
  expect(after.latest_invoice).toMatchObject({ total: 1_000, status: 'paid' })
  const [, first] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(first).toMatchObject({ total: 0, status: 'paid', attempted: true })
})

test.each([
  ['cancel', 'canceled'],
  ['pause', 'paused'],
] as const)('a trial that ends without a method can %s', async (behavior, status) => {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await stripe.customers.create({ test_clock: clock })
  const price = await createPrice(stripe, 1_000)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    trial_period_days: 7,
    trial_settings: { end_behavior: { missing_payment_method: behavior } },
  })

  await advance(stripe, clock, NEW_YEAR + 8 * DAY)

  const after = await stripe.subscriptions.retrieve(id)
  expect(after.status).toBe(status)
  if (status === 'paused') {
    expect(after.status_details?.paused.subscription.type).toBe('trial_end_without_payment_method')
  }
})

test('failed renewals are retried on schedule and then end the subscription', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator, { amount: 1_000 })
  const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  })
  await stripe.customers.update(customer.id, {
    invoice_settings: { default_payment_method: failing.id },
  })

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('past_due')
  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data
  const failedAt = NEW_YEAR + JANUARY + HOUR
  expect(invoice).toMatchObject({
    status: 'open',
    attempt_count: 1,
    next_payment_attempt: failedAt + 3 * DAY,
  })
  await advance(stripe, clock, failedAt + 3 * DAY + 1)
  expect(await stripe.invoices.retrieve(invoice!.id)).toMatchObject({
    attempt_count: 2,
    next_payment_attempt: failedAt + 5 * DAY,
  })
  await advance(stripe, clock, failedAt + 15 * DAY)

  const ended = await stripe.subscriptions.retrieve(subscription.id)
  expect(ended).toMatchObject({
    status: 'canceled',
    cancellation_details: { reason: 'payment_failed' },
  })
  expect(await stripe.invoices.retrieve(invoice!.id)).toMatchObject({
    status: 'open',
    auto_advance: false,
    attempt_count: 5,
  })
})

test('paying the open invoice with another card makes a past due subscription active again', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator, { amount: 1_000 })
  const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id })
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data

  await stripe.invoices.pay(invoice!.id, { payment_method: 'pm_card_visa' })

  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('active')
  expect(((await stripe.customers.retrieve(customer.id)) as Stripe.Customer).delinquent).toBe(false)
})

test('a paused subscription makes no invoices and goes on when it is resumed', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator)
  await advance(stripe, clock, NEW_YEAR + 21 * DAY)

  const paused = await stripe.subscriptions.pause(subscription.id)
  expect(paused.status_details?.paused.subscription.type).toBe('pause_requested')
  await advance(stripe, clock, NEW_YEAR + 80 * DAY)
  expect((await stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(1)
  const resumed = await stripe.subscriptions.resume(subscription.id, { expand: ['latest_invoice'] })

  expect(resumed).toMatchObject({ status: 'active', billing_cycle_anchor: NEW_YEAR + 80 * DAY })
  // A new period minus the ten days that had been paid for when it was paused.
  expect(resumed.latest_invoice).toMatchObject({ total: 3_100 - 1_000, status: 'paid' })
})

test('an update that cannot be paid waits, and is applied when it is paid after all', async () => {
  const { stripe, customer, subscription, item } = await subscribe(simulator, { amount: 1_000 })
  const failing = await stripe.paymentMethods.attach('pm_card_chargeCustomerFail', {
    customer: customer.id,
  })
  await stripe.subscriptions.update(subscription.id, { default_payment_method: failing.id })
  const double = await createPrice(stripe, 2_000)

  const pending = await stripe.subscriptions.update(subscription.id, {
    items: [{ id: item.id, price: double.id }],
    proration_behavior: 'always_invoice',
    payment_behavior: 'pending_if_incomplete',
  })
  expect(pending.status).toBe('active')
  expect(pending.items.data[0]?.price.unit_amount).toBe(1_000)
  expect(pending.pending_update?.subscription_items?.[0]?.price.unit_amount).toBe(2_000)
  await stripe.invoices.pay(pending.latest_invoice as string, { payment_method: 'pm_card_visa' })

  const applied = await stripe.subscriptions.retrieve(subscription.id)
  expect(applied.pending_update).toBeNull()
  expect(applied.items.data[0]?.price.unit_amount).toBe(2_000)
  expect(await eventTypes(stripe)).toContain('customer.subscription.pending_update_applied')
})

test('customers on clocks are shown only to those who ask for them', async () => {
  const { stripe, clock, customer, subscription } = await subscribe(simulator)
  const plain = await stripe.customers.create({ name: 'Plain' })
  const ids = async (list: Promise<{ data: { id: string }[] }>) =>
    (await list).data.map(({ id }) => id)

  expect(await ids(stripe.customers.list())).toEqual([plain.id])
  expect(await ids(stripe.customers.list({ test_clock: clock }))).toEqual([customer.id])
  expect(await ids(stripe.subscriptions.list())).toEqual([])
  expect(await ids(stripe.subscriptions.list({ customer: customer.id }))).toEqual([subscription.id])
})

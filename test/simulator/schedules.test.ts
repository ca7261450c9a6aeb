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
  refusal,
  subscribe,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const FEBRUARY = 28 * DAY

/** The current phase of a schedule as an update repeats it. */
function repeated({ phases: [phase] }: Stripe.SubscriptionSchedule) {
  return {
    start_date: phase!.start_date,
    end_date: phase!.end_date,
    items: phase!.items.map(({ price, quantity = 1 }) => ({ price: price as string, quantity })),
  }
}

/** A subscription at 31.00 that a schedule will bring down to 10.00 at the end of its period. */
async function downgrade(extra: Partial<Stripe.SubscriptionScheduleUpdateParams> = {}) {
  const made = await subscribe(simulator)
  const { stripe, subscription } = made
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const cheap = await createPrice(stripe, 1_000)
  const updated = await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      repeated(schedule),
      { items: [{ price: cheap.id }], duration: { interval: 'month', interval_count: 1 } },
    ],
    ...extra,
  })
  return { ...made, schedule: updated, cheap }
}

test('a downgrade happens when the period ends, on one invoice and without prorations', async () => {
  const { stripe, clock, subscription, schedule, cheap } = await downgrade()
  expect(schedule).toMatchObject({
    status: 'active',
    subscription: subscription.id,
    current_phase: { start_date: NEW_YEAR, end_date: NEW_YEAR + JANUARY },
  })
  const before = await stripe.subscriptions.retrieve(subscription.id)
  expect(before.schedule).toBe(schedule.id)
  expect(before.items.data[0]!.price.unit_amount).toBe(3_100)
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id })
  expect(lineAmounts(preview)).toEqual([1_000])
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const after = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(after.items.data).toMatchObject([
    { price: { id: cheap.id }, current_period_start: NEW_YEAR + JANUARY },
  ])
  expect(after.latest_invoice).toMatchObject({ status: 'paid', total: 1_000 })
  expect(lineAmounts(after.latest_invoice as Stripe.Invoice)).toEqual([1_000])
  expect((await stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(2)
})

test('after its last phase a schedule lets the subscription go on by itself', async () => {
  const { stripe, clock, subscription, schedule } = await downgrade()
  await advance(stripe, clock, NEW_YEAR + JANUARY + HOUR)
  await advance(stripe, clock, NEW_YEAR + JANUARY + FEBRUARY + 2 * HOUR)
  expect(await stripe.subscriptionSchedules.retrieve(schedule.id)).toMatchObject({
    status: 'released',
    subscription: null,
    released_subscription: subscription.id,
    current_phase: null,
  })
  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after).toMatchObject({ status: 'active', schedule: null })
  expect(after.items.data[0]).toMatchObject({
    current_period_start: NEW_YEAR + JANUARY + FEBRUARY,
  })
  const types = (await eventTypes(stripe)).filter((type) => type.startsWith('subscription_sched'))
  expect(types).toEqual([
    'subscription_schedule.created',
    'subscription_schedule.updated',
    'subscription_schedule.updated',
    'subscription_schedule.expiring',
    'subscription_schedule.updated',
    'subscription_schedule.completed',
    'subscription_schedule.updated',
    'subscription_schedule.released',
  ])
})

test('a schedule that ends its subscription says when, and ends it', async () => {
  const { stripe, clock, subscription, schedule } = await downgrade({ end_behavior: 'cancel' })
  const end = NEW_YEAR + JANUARY + FEBRUARY
  expect((await stripe.subscriptions.retrieve(subscription.id)).cancel_at).toBe(end)
  await advance(stripe, clock, NEW_YEAR + JANUARY + HOUR)
  await advance(stripe, clock, end + HOUR)
  expect((await stripe.subscriptions.retrieve(subscription.id)).status).toBe('canceled')
  expect((await stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe('completed')
})

test('what a schedule manages is not changed behind its back', async () => {
  const { stripe, subscription, item, cheap } = await downgrade()
  const change = await refusal(
    stripe.subscriptions.update(subscription.id, { items: [{ id: item.id, price: cheap.id }] }),
  )
  expect(change.message).toMatch(/managed by the subscription schedule/)
  const cancellation = await refusal(
    stripe.subscriptions.update(subscription.id, { cancel_at_period_end: true }),
  )
  expect(cancellation.message).toMatch(/updating any cancelation behavior directly/)
})

test('releasing a schedule leaves the subscription as it is', async () => {
  const { stripe, clock, subscription, schedule } = await downgrade()
  const released = await stripe.subscriptionSchedules.release(schedule.id)
  expect(released.status).toBe('released')
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const after = await stripe.subscriptions.retrieve(subscription.id)
  expect(after).toMatchObject({ schedule: null, status: 'active' })
  expect(after.items.data[0]!.price.unit_amount).toBe(3_100)
  expect((await refusal(stripe.subscriptionSchedules.release(schedule.id))).message).toMatch(
    /released/,
  )
})

test('the end of a subscription ends its schedule', async () => {
  const { stripe, subscription, schedule } = await downgrade()
  await stripe.subscriptions.cancel(subscription.id)
  expect((await stripe.subscriptionSchedules.retrieve(schedule.id)).status).toBe('canceled')
  expect(await eventTypes(stripe)).toContain('subscription_schedule.canceled')
})

test('an upgrade of the current phase is prorated as the request says', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator, { amount: 1_000 })
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const double = await createPrice(stripe, 2_000)
  await advance(stripe, clock, NEW_YEAR + JANUARY / 2)
  await stripe.subscriptionSchedules.update(schedule.id, {
    proration_behavior: 'always_invoice',
    phases: [{ ...repeated(schedule), items: [{ price: double.id }] }],
  })
  const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(lineAmounts(invoice as Stripe.Invoice).toSorted((a, b) => a - b)).toEqual([-500, 1_000])
})

test('a phase that begins in the middle of a period prorates', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator, { amount: 1_000 })
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const double = await createPrice(stripe, 2_000)
  const middle = NEW_YEAR + JANUARY / 2
  await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      { ...repeated(schedule), end_date: middle },
      {
        items: [{ price: double.id }],
        end_date: NEW_YEAR + JANUARY,
        proration_behavior: 'always_invoice',
      },
    ],
  })
  await advance(stripe, clock, middle + HOUR)
  const { latest_invoice: invoice } = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(lineAmounts(invoice as Stripe.Invoice).toSorted((a, b) => a - b)).toEqual([-500, 1_000])
  expect(invoice).toMatchObject({ status: 'paid', total: 500 })
})

test('a schedule for later makes its subscription when its time comes', async () => {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 1_000)
  const schedule = await stripe.subscriptionSchedules.create({
    customer: customer.id,
    start_date: NEW_YEAR + 5 * DAY,
    phases: [{ items: [{ price: price.id, quantity: 2 }], metadata: { plan: 'late' } }],
  })
  expect(schedule).toMatchObject({ status: 'not_started', subscription: null })
  await advance(stripe, clock, NEW_YEAR + 5 * DAY + 2 * HOUR)
  const { subscription } = await stripe.subscriptionSchedules.retrieve(schedule.id)
  const made = await stripe.subscriptions.retrieve(subscription as string, {
    expand: ['latest_invoice'],
  })
  expect(made).toMatchObject({
    status: 'active',
    start_date: NEW_YEAR + 5 * DAY,
    metadata: { plan: 'late' },
    latest_invoice: { status: 'paid', total: 2_000 },
  })
})

test('a schedule that has not begun can be canceled', async () => {
  const stripe = simulator.stripe()
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const price = await createPrice(stripe, 1_000)
  const { id } = await stripe.subscriptionSchedules.create({
    customer: customer.id,
    start_date: NEW_YEAR + 5 * DAY,
    phases: [{ items: [{ price: price.id }] }],
  })
  expect((await stripe.subscriptionSchedules.cancel(id)).status).toBe('canceled')
  await advance(stripe, clock, NEW_YEAR + 6 * DAY)
  expect((await stripe.subscriptions.list({ customer: customer.id })).data).toEqual([])
})

test('a phase with another interval starts its rhythm where it begins', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator)
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const yearly = await createPrice(stripe, 30_000, { recurring: { interval: 'year' } })
  await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [repeated(schedule), { items: [{ price: yearly.id }] }],
  })
  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)
  const after = await stripe.subscriptions.retrieve(subscription.id, {
    expand: ['latest_invoice'],
  })
  expect(after.items.data[0]).toMatchObject({
    current_period_start: NEW_YEAR + JANUARY,
    current_period_end: NEW_YEAR + JANUARY + 365 * DAY,
  })
  expect(after.latest_invoice).toMatchObject({ total: 30_000, status: 'paid' })
})

test('phases follow one another, and the current one keeps its beginning', async () => {
  const { stripe, schedule, cheap } = await downgrade()
  const gap = await refusal(
    stripe.subscriptionSchedules.update(schedule.id, {
      phases: [
        repeated(schedule),
        { items: [{ price: cheap.id }], start_date: NEW_YEAR + JANUARY + DAY },
      ],
    }),
  )
  expect(gap.param).toBe('phases[1][start_date]')
  const moved = await refusal(
    stripe.subscriptionSchedules.update(schedule.id, {
      phases: [{ ...repeated(schedule), start_date: NEW_YEAR + DAY }],
    }),
  )
  expect(moved.param).toBe('phases[0][start_date]')
  const alone = await refusal(
    stripe.subscriptionSchedules.create({
      from_subscription: 'sub_x',
      phases: [{ items: [{ price: cheap.id }] }],
    }),
  )
  expect(alone.code).toBe('parameters_exclusive')
})

test('a renewal that costs nothing, because a schedule leaves usage only, is not announced and holds up no clock', async () => {
  const { stripe, clock, subscription } = await subscribe(simulator)
  const schedule = await stripe.subscriptionSchedules.create({
    from_subscription: subscription.id,
  })
  const meter = await stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'scheduled_calls',
    default_aggregation: { formula: 'sum' },
  })
  const { product } = await createPrice(stripe, 1_000)
  const usage = await stripe.prices.create({
    product: product as string,
    currency: 'usd',
    unit_amount: 1,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  })
  await stripe.subscriptionSchedules.update(schedule.id, {
    phases: [
      repeated(schedule),
      { items: [{ price: usage.id }], duration: { interval: 'month', interval_count: 1 } },
    ],
  })

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const { items } = await stripe.subscriptions.retrieve(subscription.id)
  expect(items.data.map(({ price }) => price.id)).toEqual([usage.id])
  expect((await stripe.invoices.list({ subscription: subscription.id })).data).toHaveLength(1)
  const announced = await stripe.events.list({ type: 'invoice.upcoming' })
  expect(announced.data.filter(({ created }) => created < NEW_YEAR + JANUARY)).toEqual([])
})

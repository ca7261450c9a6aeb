import { Stripe } from 'stripe'
import { expect, test } from 'vitest'
import {
  advance,
  createClock,
  createCustomer,
  DAY,
  HOUR,
  NEW_YEAR,
  refusal,
  startReceiver,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const JANUARY = 31 * DAY

let keys = 0
function account() {
  keys += 1
  const key = `sk_test_meters${keys}`
  return {
    stripe: simulator.stripe(key),
    control: (method: 'GET' | 'POST', path: string, body?: unknown) =>
      simulator.control(method, path, body, key),
  }
}

async function createMeter(stripe: Stripe, extra: Partial<Stripe.Billing.MeterCreateParams> = {}) {
  return stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'calls',
    default_aggregation: { formula: 'sum' },
    ...extra,
  })
}

async function subscribeToUsage(billing: 'flexible' | 'classic' = 'flexible') {
  const { stripe } = account()
  const meter = await createMeter(stripe)
  const product = await stripe.products.create({ name: 'API calls' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount_decimal: Stripe.Decimal.from('0.1'),
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  })
  const clock = await createClock(stripe)
  const customer = await createCustomer(stripe, clock)
  const subscription = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
    billing_mode: { type: billing },
  })
  const report = (value: number, timestamp: number) =>
    stripe.billing.meterEvents.create({
      event_name: 'calls',
      payload: { stripe_customer_id: customer.id, value: String(value) },
      timestamp,
    })
  return { stripe, meter, price, clock, customer, subscription, report }
}

test('usage alone has no first invoice, and is billed when its period is over', async () => {
  const { stripe, clock, subscription, report } = await subscribeToUsage()
  expect(subscription).toMatchObject({ status: 'active', latest_invoice: null })
  await report(12_000, NEW_YEAR)
  await advance(stripe, clock, NEW_YEAR + 10 * DAY)
  await report(11_456, NEW_YEAR + 9 * DAY)

  await advance(stripe, clock, NEW_YEAR + JANUARY + 2 * HOUR)

  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(invoice).toMatchObject({ status: 'paid', total: 2_346 })
  expect(invoice?.lines.data[0]).toMatchObject({
    quantity: 23_456,
    period: { start: NEW_YEAR, end: NEW_YEAR + JANUARY },
  })
  expect(invoice?.lines.data[0]?.pricing?.unit_amount_decimal?.toString()).toBe('0.1')
})

test('classic subscriptions begin with an invoice over nothing', async () => {
  const { stripe, subscription } = await subscribeToUsage('classic')
  const invoice = await stripe.invoices.retrieve(subscription.latest_invoice as string)
  expect(invoice).toMatchObject({ total: 0, status: 'paid' })
})

test('events of the period that arrive while its invoice is a draft are on it, later ones on none', async () => {
  const { stripe, clock, subscription, report } = await subscribeToUsage()
  const end = NEW_YEAR + JANUARY
  await advance(stripe, clock, end + 60)

  await report(1_000, end - 10)
  await report(5_000, end + 10)
  await advance(stripe, clock, end + HOUR + 60)
  await report(9_000, end - 5)

  const [invoice] = (await stripe.invoices.list({ subscription: subscription.id })).data
  expect(invoice).toMatchObject({ status: 'paid', total: 100 })
  const preview = await stripe.invoices.createPreview({ subscription: subscription.id })
  expect(preview.lines.data[0]).toMatchObject({ quantity: 5_000 })
})

test('the answer to an event says received; what is wrong with it comes as a thin event', async () => {
  const { stripe, control } = account()
  const receiver = await startReceiver()
  const destination = await stripe.v2.core.eventDestinations.create({
    name: 'errors',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['v1.billing.meter.error_report_triggered', 'v1.billing.meter.no_meter_found'],
    webhook_endpoint: { url: receiver.url },
    include: ['webhook_endpoint.signing_secret'],
  })
  const meter = await createMeter(stripe)
  const send = (event_name: string, payload: Record<string, string>) =>
    stripe.billing.meterEvents.create({ event_name, payload })

  await send('calls', { stripe_customer_id: 'cus_nobody', value: '1' })
  await send('unknown', { stripe_customer_id: 'cus_nobody', value: '1' })
  await control('POST', '/_sim/flush')

  const notifications = receiver.received.map(({ body, signature }) =>
    stripe.parseEventNotification(body, signature, destination.webhook_endpoint!.signing_secret!),
  )
  expect(notifications.map(({ type }) => type as string).toSorted()).toEqual([
    'v1.billing.meter.error_report_triggered',
    'v1.billing.meter.no_meter_found',
  ])
  expect(JSON.parse(receiver.received[0]!.body)).not.toHaveProperty('data')
  const full = await stripe.v2.core.events.retrieve(notifications[0]!.id)
  expect(full).toMatchObject({
    related_object: { id: meter.id, type: 'billing.meter' },
    data: { reason: { error_count: 1, error_types: [{ code: 'meter_event_customer_not_found' }] } },
  })
  await receiver.close()
})

test('an identifier counts once, and an event can be taken back by it', async () => {
  const { stripe } = account()
  const meter = await createMeter(stripe)
  const customer = await stripe.customers.create({})
  const now = Math.floor(Date.now() / 60_000) * 60
  const send = (identifier: string) =>
    stripe.billing.meterEvents.create({
      event_name: 'calls',
      identifier,
      timestamp: now,
      payload: { stripe_customer_id: customer.id, value: '5' },
    })
  const total = async () => {
    const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
      customer: customer.id,
      start_time: now,
      end_time: now + 60,
    })
    return data[0]?.aggregated_value
  }

  await send('one')
  await send('two')
  const repeated = await refusal(send('one'))
  expect(repeated.message).toBe('An event already exists with identifier one.')
  expect(await total()).toBe(10)
  await stripe.billing.meterEventAdjustments.create({
    event_name: 'calls',
    type: 'cancel',
    cancel: { identifier: 'one' },
  })

  expect(await total()).toBe(5)
})

test('timestamps must lie within 35 days back and five minutes ahead', async () => {
  const { stripe } = account()
  await createMeter(stripe)
  const customer = await stripe.customers.create({})
  const now = Math.floor(Date.now() / 1_000)
  const send = (timestamp: number) =>
    stripe.billing.meterEvents.create({
      event_name: 'calls',
      timestamp,
      payload: { stripe_customer_id: customer.id, value: '1' },
    })

  expect((await refusal(send(now - 36 * DAY))).param).toBe('timestamp')
  expect((await refusal(send(now + 360))).param).toBe('timestamp')
  await send(now - 34 * DAY)
})

test.each([
  ['sum', 12],
  ['count', 3],
  ['last', 2],
] as const)('a meter with the formula %s says %d', async (formula, expected) => {
  const { stripe } = account()
  const meter = await createMeter(stripe, { default_aggregation: { formula } })
  const customer = await stripe.customers.create({})
  const minute = Math.floor(Date.now() / 60_000) * 60 - 600
  for (const [offset, value] of [
    [1, '7'],
    [30, '2'],
    [2, '3'],
  ] as const) {
    await stripe.billing.meterEvents.create({
      event_name: 'calls',
      timestamp: minute + offset,
      payload: { stripe_customer_id: customer.id, value },
    })
  }

  const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
    customer: customer.id,
    start_time: minute,
    end_time: minute + 60,
  })

  expect(data.map(({ aggregated_value: value }) => value)).toEqual([expected])
  const unaligned = stripe.billing.meters.listEventSummaries(meter.id, {
    customer: customer.id,
    start_time: minute + 1,
    end_time: minute + 60,
  })
  expect((await refusal(unaligned)).param).toBe('start_time')
})

test('the v2 stream takes batches under a session of its own and nothing else', async () => {
  const { stripe } = account()
  const meter = await createMeter(stripe)
  const customer = await stripe.customers.create({})
  const session = await stripe.v2.billing.meterEventSession.create()
  const minute = Math.floor(Date.now() / 60_000) * 60 - 600
  const events = ['a', 'b', 'a'].map((identifier) => ({
    event_name: 'calls',
    identifier,
    timestamp: new Date(minute * 1_000).toISOString(),
    payload: { stripe_customer_id: customer.id, value: '4' },
  }))
  const post = (token: string) =>
    fetch(`${simulator.url}/v2/billing/meter_event_stream`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' },
      body: JSON.stringify({ events }),
    })

  expect((await post('nonsense')).status).toBe(401)
  expect((await post(session.authentication_token)).status).toBe(200)

  const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
    customer: customer.id,
    start_time: minute,
    end_time: minute + 60,
  })
  expect(data[0]?.aggregated_value).toBe(8)
})

test('with a lag usage is seen a while later, but never after its time has been left', async () => {
  const { stripe, control } = account()
  await control('POST', '/_sim/settings', { meterLagMs: 60_000 })
  const meter = await createMeter(stripe)
  const customer = await stripe.customers.create({})
  const minute = Math.floor(Date.now() / 60_000) * 60 - 600
  await stripe.billing.meterEvents.create({
    event_name: 'calls',
    timestamp: minute,
    payload: { stripe_customer_id: customer.id, value: '4' },
  })
  const total = async () => {
    const { data } = await stripe.billing.meters.listEventSummaries(meter.id, {
      customer: customer.id,
      start_time: minute,
      end_time: minute + 60,
    })
    return data[0]?.aggregated_value
  }

  expect(await total()).toBe(0)
  await control('POST', '/_sim/clock', { by: 60 })

  expect(await total()).toBe(4)
})

import { Stripe } from 'stripe'
import { createClock, DAY, HOUR, JANUARY, NEW_YEAR } from '../support.ts'
import type { Walk } from './recorder.ts'

export async function walkUsage(walk: Walk): Promise<void> {
  const { stripe } = walk
  const meter = await stripe.billing.meters.create({
    display_name: 'Calls',
    event_name: 'walk_calls',
    default_aggregation: { formula: 'sum' },
  })
  await stripe.billing.meters.retrieve(meter.id)
  await stripe.billing.meters.update(meter.id, { display_name: 'API calls' })
  await stripe.billing.meters.list()
  const unused = await stripe.billing.meters.create({
    display_name: 'Unused',
    event_name: 'unused',
    default_aggregation: { formula: 'count' },
  })
  await stripe.billing.meters.deactivate(unused.id)
  await stripe.billing.meters.reactivate(unused.id)

  const product = await stripe.products.create({ name: 'Usage' })
  const price = await stripe.prices.create({
    product: product.id,
    currency: 'usd',
    unit_amount: 10,
    recurring: { interval: 'month', usage_type: 'metered', meter: meter.id },
  })
  const clock = await createClock(stripe)
  const customer = await stripe.customers.create({
    test_clock: clock,
    payment_method: 'pm_card_visa',
    invoice_settings: { default_payment_method: 'pm_card_visa' },
  })
  await stripe.subscriptions.create({ customer: customer.id, items: [{ price: price.id }] })

  const alert = await stripe.billing.alerts.create({
    title: 'Many calls',
    alert_type: 'usage_threshold',
    usage_threshold: { gte: 20, meter: meter.id, recurrence: 'one_time' },
  })
  await stripe.billing.alerts.retrieve(alert.id)
  await stripe.billing.alerts.list()
  await stripe.billing.alerts.deactivate(alert.id)
  await stripe.billing.alerts.activate(alert.id)

  const payload = { stripe_customer_id: customer.id, value: '25' }
  const event = await stripe.billing.meterEvents.create({
    event_name: 'walk_calls',
    payload,
    timestamp: NEW_YEAR,
  })
  await stripe.billing.meterEventAdjustments.create({
    event_name: 'walk_calls',
    type: 'cancel',
    cancel: { identifier: event.identifier },
  })
  const other = await stripe.v2.billing.meterEvents.create({
    event_name: 'walk_calls',
    payload,
    timestamp: new Date(NEW_YEAR * 1_000).toISOString(),
  })
  await stripe.v2.billing.meterEventAdjustments.create({
    event_name: 'walk_calls',
    type: 'cancel',
    cancel: { identifier: other.identifier },
  })
  const session = await stripe.v2.billing.meterEventSession.create()
  const { hostname, port } = new URL(walk.simulator.url)
  const stream = new Stripe(session.authentication_token, {
    host: hostname,
    port,
    protocol: 'http',
  })
  await stream.v2.billing.meterEventStream.create({
    events: [
      { event_name: 'walk_calls', payload, timestamp: new Date(NEW_YEAR * 1_000).toISOString() },
    ],
  })
  walk.succeeded.add('POST /v2/billing/meter_event_stream')
  await walk.control('/_sim/flush')
  await stripe.billing.meters.listEventSummaries(meter.id, {
    customer: customer.id,
    start_time: NEW_YEAR,
    end_time: NEW_YEAR + HOUR,
  })
  await stripe.billing.alerts.archive(alert.id)

  await walkCredits(walk, customer.id)
  await walk.advance(clock, JANUARY + 2 * HOUR)
  await stripe.billing.meterEvents.create({
    event_name: 'walk_calls',
    payload: { stripe_customer_id: 'cus_none', value: '1' },
  })
  await stripe.billing.meterEvents.create({ event_name: 'no_such_meter', payload })
}

async function walkCredits({ stripe }: Walk, customer: string): Promise<void> {
  const grant = () =>
    stripe.billing.creditGrants.create({
      customer,
      category: 'promotional',
      amount: { type: 'monetary', monetary: { currency: 'usd', value: 100 } },
      applicability_config: { scope: { price_type: 'metered' } },
    })
  const kept = await grant()
  await stripe.billing.creditGrants.retrieve(kept.id)
  await stripe.billing.creditGrants.update(kept.id, { expires_at: NEW_YEAR + 90 * DAY })
  await stripe.billing.creditGrants.list({ customer })
  await stripe.billing.creditGrants.expire((await grant()).id)
  await stripe.billing.creditGrants.voidGrant((await grant()).id)
  await stripe.billing.creditBalanceSummaries.retrieve({
    customer,
    filter: { type: 'applicability_scope', applicability_scope: { price_type: 'metered' } },
  })
  const booked = await stripe.billing.creditBalanceTransactions.list({ customer })
  await stripe.billing.creditBalanceTransactions.retrieve(booked.data[0]!.id)
}

import { idOf } from '../support.ts'
import { monthly, type Walk } from './recorder.ts'

export async function walkHosted(walk: Walk): Promise<void> {
  const { stripe } = walk
  const product = await stripe.products.create({ name: 'Hosted' })
  const price = await stripe.prices.create(monthly(product.id, 2_900))
  const open = () =>
    stripe.checkout.sessions.create({
      mode: 'subscription',
      line_items: [{ price: price.id, quantity: 1 }],
      success_url: 'https://example.com/done',
    })
  const session = await open()
  await stripe.checkout.sessions.update(session.id, { metadata: { walk: 'yes' } })
  await stripe.checkout.sessions.listLineItems(session.id)
  await completeCheckout(walk, session.id, 2_900)
  const done = await stripe.checkout.sessions.retrieve(session.id, {
    expand: ['line_items', 'subscription.latest_invoice', 'customer'],
  })
  await stripe.checkout.sessions.list({ limit: 3 })
  await stripe.checkout.sessions.expire((await open()).id)

  const configuration = await stripe.billingPortal.configurations.create({
    features: { invoice_history: { enabled: true } },
  })
  await stripe.billingPortal.configurations.retrieve(configuration.id)
  await stripe.billingPortal.configurations.update(configuration.id, { name: 'Walk' })
  await stripe.billingPortal.configurations.list()
  const customer = typeof done.customer === 'string' ? done.customer : done.customer!.id
  await stripe.billingPortal.sessions.create({ customer, configuration: configuration.id })

  // Purchases that are complete before they are paid: one is, the other never will be.
  const fee = await stripe.prices.create({ product: product.id, currency: 'usd', unit_amount: 900 })
  for (const outcome of ['succeed', 'fail']) {
    const purchase = await stripe.checkout.sessions.create({
      mode: 'payment',
      line_items: [{ price: fee.id, quantity: 1 }],
      success_url: 'https://example.com/done',
    })
    await walk.control('/_sim/delays')
    await completeCheckout(walk, purchase.id, 900)
    const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(purchase.id)
    await walk.control(`/_sim/payments/${idOf(intent)}`, { outcome })
  }
}

/** As Stripe's CLI does it, in place of a person with a card. */
async function completeCheckout(walk: Walk, session: string, amount: number): Promise<void> {
  const method = await walk.stripe.paymentMethods.create({
    type: 'card',
    card: { token: 'tok_visa' },
    billing_details: { email: 'hosted@example.com' },
  })
  const response = await fetch(`${walk.simulator.url}/v1/payment_pages/${session}/confirm`, {
    method: 'POST',
    headers: {
      Authorization: `Bearer ${walk.key}`,
      'Content-Type': 'application/x-www-form-urlencoded',
    },
    body: new URLSearchParams({ payment_method: method.id, expected_amount: String(amount) }),
  })
  if (!response.ok) walk.problems.push(`confirming answered ${await response.text()}`)
}

export async function walkEvents({ stripe, simulator }: Walk): Promise<void> {
  const url = `${simulator.url}/nowhere`
  const endpoint = await stripe.webhookEndpoints.create({ url, enabled_events: ['price.deleted'] })
  await stripe.webhookEndpoints.retrieve(endpoint.id)
  await stripe.webhookEndpoints.update(endpoint.id, { disabled: true })
  await stripe.webhookEndpoints.list()
  await stripe.webhookEndpoints.del(endpoint.id)
  const events = await stripe.events.list({ limit: 1 })
  await stripe.events.retrieve(events.data[0]!.id)

  const destination = await stripe.v2.core.eventDestinations.create({
    name: 'Thin',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: ['v1.billing.meter.no_meter_found'],
    webhook_endpoint: { url },
  })
  await stripe.v2.core.eventDestinations.retrieve(destination.id)
  await stripe.v2.core.eventDestinations.update(destination.id, { name: 'Thinner' })
  await stripe.v2.core.eventDestinations.list()
  await stripe.v2.core.eventDestinations.ping(destination.id)
  await stripe.v2.core.eventDestinations.disable(destination.id)
  await stripe.v2.core.eventDestinations.enable(destination.id)
  await stripe.v2.core.eventDestinations.del(destination.id)
  const thin = await stripe.v2.core.events.list({})
  await stripe.v2.core.events.retrieve(thin.data[0]!.id)
}

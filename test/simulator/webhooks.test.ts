import { Stripe } from 'stripe'
import { afterEach, expect, test } from 'vitest'
import { type Receiver, startReceiver, useSimulator } from './support.ts'

const simulator = useSimulator()
const receivers: Receiver[] = []

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

async function receive(): Promise<Receiver> {
  const receiver = await startReceiver()
  receivers.push(receiver)
  return receiver
}

let keys = 0
function account() {
  keys += 1
  const key = `sk_test_hooks${keys}`
  const control = (method: 'GET' | 'POST', path: string, body?: unknown) =>
    simulator.control(method, path, body, key)
  return { stripe: simulator.stripe(key), flush: () => control('POST', '/_sim/flush'), control }
}

test('an endpoint gets what it subscribed to, signed so that the official library accepts it', async () => {
  const { stripe, flush } = account()
  const receiver = await receive()
  const endpoint = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['customer.created'],
  })

  const customer = await stripe.customers.create({ name: 'Ada' })
  await stripe.products.create({ name: 'Unwanted' })
  await flush()

  expect(receiver.received).toHaveLength(1)
  const { body, signature } = receiver.received[0]!
  const event = Stripe.webhooks.constructEvent(body, signature, endpoint.secret!)
  expect(event).toMatchObject({ type: 'customer.created', api_version: '2026-10-28.endive' })
  expect((event.data.object as Stripe.Customer).id).toBe(customer.id)
  expect(signature).toMatch(/^t=\d+,v1=[0-9a-f]{64},v0=[0-9a-f]{64}$/)
})

test('the body is indented, so parsing and serializing it again breaks the signature', async () => {
  const { stripe, flush } = account()
  const receiver = await receive()
  const { secret } = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['*'],
  })
  await stripe.customers.create({ name: 'Ada' })
  await flush()

  const { body, signature } = receiver.received[0]!
  const mangled = JSON.stringify(JSON.parse(body))

  expect(() => Stripe.webhooks.constructEvent(mangled, signature, secret!)).toThrow(/signature/)
})

test('the secret is shown when the endpoint is made and never again', async () => {
  const { stripe } = account()
  const made = await stripe.webhookEndpoints.create({
    url: 'https://example.com/hooks',
    enabled_events: ['*'],
  })

  expect(made.secret).toMatch(/^whsec_/)
  expect((await stripe.webhookEndpoints.retrieve(made.id)).secret).toBeUndefined()
  expect(
    (await stripe.webhookEndpoints.update(made.id, { description: 'x' })).secret,
  ).toBeUndefined()
})

test('a failed delivery is tried again on schedule, freshly signed, until it is taken', async () => {
  const { stripe, flush, control } = account()
  const receiver = await receive()
  await control('POST', '/_sim/settings', { webhookRetrySeconds: [60, 600] })
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['customer.created'] })
  receiver.answers.push(500, 302)

  await stripe.customers.create({ name: 'Ada' })
  await flush()
  expect(receiver.received).toHaveLength(1)
  const { data } = await stripe.events.list({ type: 'customer.created' })
  expect(data[0]?.pending_webhooks).toBe(1)
  await control('POST', '/_sim/clock', { by: 61 })
  await expect.poll(() => receiver.received.length).toBe(2)
  await expect
    .poll(async () => ((await control('GET', '/_sim/deliveries')) as { waiting: number }).waiting)
    .toBe(1)
  await control('POST', '/_sim/clock', { by: 601 })
  await expect.poll(() => receiver.received.length).toBe(3)

  await flush()
  expect((await stripe.events.retrieve(data[0]!.id)).pending_webhooks).toBe(0)
  expect(new Set(receiver.received.map(({ body }) => JSON.parse(body).id)).size).toBe(1)
})

test('disabling an endpoint stops what still waits for it', async () => {
  const { stripe, flush } = account()
  const receiver = await receive()
  receiver.answers.push(500)
  const { id } = await stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['customer.created'],
  })
  await stripe.customers.create({ name: 'Ada' })
  await expect.poll(() => receiver.received.length).toBe(1)

  await stripe.webhookEndpoints.update(id, { disabled: true })
  await flush()

  expect(receiver.received).toHaveLength(1)
})

test('an update event has the old values of what changed and nothing else', async () => {
  const { stripe } = account()
  const { id } = await stripe.customers.create({
    name: 'Ada',
    metadata: { a: '1', b: '2' },
    address: { city: 'Bonn', country: 'DE' },
  })

  await stripe.customers.update(id, {
    metadata: { a: '9' },
    address: { city: 'Ulm', country: 'DE' },
  })
  await stripe.customers.update(id, { name: 'Ada' })

  const { data } = await stripe.events.list({ type: 'customer.updated' })
  expect(data).toHaveLength(1)
  expect(data[0]?.data.previous_attributes).toEqual({
    metadata: { a: '1' },
    address: { city: 'Bonn' },
  })
})

test('events can be listed by type and fetched one by one', async () => {
  const { stripe } = account()
  await stripe.products.create({ name: 'A' })
  const customer = await stripe.customers.create({ name: 'Ada' })
  await stripe.customers.del(customer.id)

  const some = await stripe.events.list({ type: 'customer.*' })
  const two = await stripe.events.list({ types: ['product.created', 'customer.deleted'] })

  expect(some.data.map(({ type }) => type)).toEqual(['customer.deleted', 'customer.created'])
  expect(two.data.map(({ type }) => type)).toEqual(['customer.deleted', 'product.created'])
  expect((await stripe.events.retrieve(two.data[0]!.id)).data.object).toMatchObject({ name: 'Ada' })
})

test('events are kept for thirty days of the account’s time', async () => {
  const { stripe, control } = account()
  await stripe.customers.create({ name: 'Ada' })

  await control('POST', '/_sim/clock', { by: 29 * 86_400 })
  expect((await stripe.events.list()).data).toHaveLength(1)
  await control('POST', '/_sim/clock', { by: 2 * 86_400 })

  expect((await stripe.events.list()).data).toEqual([])
})

test('a delivery that is delayed when the account is reset is forgotten with it', async () => {
  const { stripe, control } = account()
  const receiver = await receive()
  await stripe.webhookEndpoints.create({ url: receiver.url, enabled_events: ['*'] })
  await control('POST', '/_sim/faults/webhooks', { delay_ms: 50 })
  await stripe.products.create({ name: 'Late' })

  await control('POST', '/_sim/reset')
  await new Promise((resolve) => setTimeout(resolve, 80))

  expect(receiver.received).toEqual([])
  expect(await control('GET', '/_sim/deliveries')).toMatchObject({ data: [], pending: 0 })
})

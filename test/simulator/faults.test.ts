import { Stripe } from 'stripe'
import { afterEach, expect, test } from 'vitest'
import {
  clientFor,
  createCustomer,
  eventTypes,
  type Receiver,
  refusal,
  startReceiver,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const receivers: Receiver[] = []

afterEach(async () => {
  await Promise.all(receivers.splice(0).map((receiver) => receiver.close()))
})

let accounts = 0
function account() {
  accounts += 1
  const key = `sk_test_faults${accounts}`
  const control = (path: string, body: unknown = {}) =>
    simulator.control('POST', `/_sim/${path}`, body, key)
  return { key, stripe: simulator.stripe(key), control }
}

/** An account whose webhooks arrive here. */
async function listening() {
  const made = account()
  const receiver = await startReceiver()
  receivers.push(receiver)
  const endpoint = await made.stripe.webhookEndpoints.create({
    url: receiver.url,
    enabled_events: ['customer.created'],
  })
  const names = () =>
    receiver.received.map(({ body }) => {
      const event = JSON.parse(body) as { data: { object: { name: string } } }
      return event.data.object.name
    })
  return { ...made, receiver, endpoint, names, flush: () => made.control('flush') }
}

test('a call whose answer is lost has taken effect once, and its repetition gets that answer', async () => {
  const { stripe, control } = account()
  await control('faults/calls', { kind: 'lost_response', path: '/v1/customers' })
  // The SDK repeats a call whose connection broke, under the same idempotency key.
  const customer = await stripe.customers.create({ name: 'Ada' })
  expect((await stripe.customers.list()).data.map(({ id }) => id)).toEqual([customer.id])
  expect(await eventTypes(stripe)).toEqual(['customer.created'])
})

test('a request that is lost has no effect at all', async () => {
  const { stripe, control } = account()
  await control('faults/calls', { kind: 'lost_request', next: 2 })
  const { type } = await refusal(stripe.customers.create({ name: 'Ada' }))
  expect(type).toBe('StripeConnectionError')
  expect((await stripe.customers.list()).data).toEqual([])
})

test.each([
  ['server_error', 500, undefined],
  ['rate_limit', 429, 'rate_limit'],
  ['lock_timeout', 429, 'lock_timeout'],
  ['conflict', 409, 'idempotency_key_in_use'],
])('%s hits the next calls that match and no others', async (kind, statusCode, code) => {
  const { stripe, control } = account()
  await control('faults/calls', { kind, method: 'POST', path: '/v1/customers/*', next: 2 })
  const customer = await stripe.customers.create({ name: 'Ada' })
  const change = (name: string) => stripe.customers.update(customer.id, { name })
  for (const name of ['Bea', 'Cleo']) {
    const error = await refusal(change(name))
    expect(error).toMatchObject({ statusCode })
    expect(error.code).toBe(code)
  }
  expect((await change('Dora')).name).toBe('Dora')
})

test('a saved 500 is what every repetition gets, as at Stripe; another key gets through', async () => {
  const { stripe, control } = account()
  await control('faults/calls', { kind: 'server_error', saved: true })
  const create = (idempotencyKey: string) =>
    stripe.customers.create({ name: 'Ada' }, { idempotencyKey })
  expect((await refusal(create('one'))).statusCode).toBe(500)
  expect((await refusal(create('one'))).statusCode).toBe(500)
  expect((await create('two')).name).toBe('Ada')
})

test('the SDK’s own retries get over errors of the moment', async () => {
  const { key, control } = account()
  const patient = new Stripe(key, {
    host: new URL(simulator.url).hostname,
    port: new URL(simulator.url).port,
    protocol: 'http',
    maxNetworkRetries: 2,
  })
  await control('faults/calls', { kind: 'conflict' })
  expect((await patient.customers.create({ name: 'Ada' })).name).toBe('Ada')
})

test('a second call under a key that is still being worked on is told to wait', async () => {
  const { stripe, control } = account()
  await control('faults/calls', { kind: 'delay', delay_ms: 300 })
  const slow = stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'same' })
  await new Promise((resolve) => setTimeout(resolve, 100))
  const { code } = await refusal(
    stripe.customers.create({ name: 'Ada' }, { idempotencyKey: 'same' }),
  )
  expect(code).toBe('idempotency_key_in_use')
  expect((await slow).name).toBe('Ada')
})

test('held webhooks wait until they are released', async () => {
  const { stripe, control, names, flush } = await listening()
  await control('webhooks/hold')
  await stripe.customers.create({ name: 'Ada' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(names()).toEqual([])
  await control('webhooks/release')
  await flush()
  expect(names()).toEqual(['Ada'])
})

test('flushing lets what is held through and goes on holding', async () => {
  const { stripe, control, names, flush } = await listening()
  await control('webhooks/hold')
  await stripe.customers.create({ name: 'Ada' })
  await flush()
  expect(names()).toEqual(['Ada'])
  await stripe.customers.create({ name: 'Bea' })
  await new Promise((resolve) => setTimeout(resolve, 50))
  expect(names()).toEqual(['Ada'])
})

test('deliveries come several times, or never, when they are told to', async () => {
  const { stripe, control, receiver, names, flush } = await listening()
  await control('faults/webhooks', { copies: 3, events: ['customer.created'] })
  await stripe.customers.create({ name: 'Ada' })
  await flush()
  expect(names()).toEqual(['Ada', 'Ada', 'Ada'])
  expect(new Set(receiver.received.map(({ body }) => body)).size).toBe(1)
  await control('faults/webhooks', { drop: true })
  await stripe.customers.create({ name: 'Bea' })
  await stripe.customers.create({ name: 'Cleo' })
  await flush()
  expect(names()).toEqual(['Ada', 'Ada', 'Ada', 'Cleo'])
})

test('deliveries arrive in another order, all of them, the same for the same seed', async () => {
  const { stripe, control, names, flush } = await listening()
  await control('faults/webhooks/reorder', { window: 6 })
  const sent = ['A', 'B', 'C', 'D', 'E', 'F']
  for (const name of sent) await stripe.customers.create({ name })
  await flush()
  expect(names()).not.toEqual(sent)
  expect(names().toSorted()).toEqual(sent)
})

test('a stale timestamp and a wrong secret are refused by the official library', async () => {
  const { stripe, control, receiver, endpoint, flush } = await listening()
  await control('faults/webhooks', { stale_seconds: 600 })
  await stripe.customers.create({ name: 'Ada' })
  await flush()
  await control('faults/webhooks', { wrong_secret: true })
  await stripe.customers.create({ name: 'Bea' })
  await flush()
  const verify = (index: number) => () => {
    const { body, signature } = receiver.received[index]!
    return Stripe.webhooks.constructEvent(body, signature, endpoint.secret!)
  }
  expect(verify(0)).toThrow(/tolerance/)
  expect(verify(1)).toThrow(/No signatures found/)
})

test('while a secret is rolled both sign, and afterwards only the new one', async () => {
  const { stripe, control, receiver, endpoint, flush } = await listening()
  const rolled = (await control(`webhooks/endpoints/${endpoint.id}/roll`, {
    expires_in: 3_600,
  })) as { secret: string }
  await stripe.customers.create({ name: 'Ada' })
  await flush()
  await control('clock', { by: 3_601 })
  await stripe.customers.create({ name: 'Bea' })
  await flush()
  const accepts = (index: number, secret: string): boolean => {
    const { body, signature } = receiver.received[index]!
    try {
      Stripe.webhooks.constructEvent(body, signature, secret)
      return true
    } catch {
      return false
    }
  }
  expect(rolled.secret).not.toBe(endpoint.secret)
  expect([accepts(0, endpoint.secret!), accepts(0, rolled.secret)]).toEqual([true, true])
  expect([accepts(1, endpoint.secret!), accepts(1, rolled.secret)]).toEqual([false, true])
})

test('the next payment is declined with the code that was ordered, then payments work again', async () => {
  const { stripe, control } = account()
  const customer = await createCustomer(stripe, null)
  await control('declines', { code: 'insufficient_funds', customer: customer.id })
  const pay = () =>
    stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      customer: customer.id,
      payment_method: customer.invoice_settings.default_payment_method as string,
      confirm: true,
      return_url: 'https://example.com',
    })
  expect(await refusal(pay())).toMatchObject({ decline_code: 'insufficient_funds' })
  expect((await pay()).status).toBe('succeeded')
})

test.each([
  ['complete', 'succeeded'],
  ['fail', 'requires_payment_method'],
])('a challenge can be decided from outside: %s', async (outcome, status) => {
  const { stripe, control } = account()
  const intent = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    payment_method: 'pm_card_authenticationRequired',
    confirm: true,
    return_url: 'https://example.com',
  })
  expect(intent.status).toBe('requires_action')
  await control(`authentications/${intent.id}`, { outcome })
  expect((await stripe.paymentIntents.retrieve(intent.id)).status).toBe(status)
  await expect(control(`authentications/${intent.id}`, { outcome })).rejects.toThrow(/409|wait/)
})

test('a refund fails after it had succeeded, and a dispute is decided, when they are told to', async () => {
  const { stripe, control } = account()
  const pay = async (method: string) => {
    const { latest_charge: charge } = await stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      payment_method: method,
      confirm: true,
      return_url: 'https://example.com',
    })
    return charge as string
  }
  const refund = await stripe.refunds.create({ charge: await pay('pm_card_visa') })
  expect(refund.status).toBe('succeeded')
  await control(`refunds/${refund.id}`, { outcome: 'fail' })
  expect((await stripe.refunds.retrieve(refund.id)).status).toBe('failed')
  await pay('pm_card_createDispute')
  const { data: disputes } = await stripe.disputes.list()
  await control(`disputes/${disputes[0]!.id}`, { outcome: 'won' })
  expect((await stripe.disputes.retrieve(disputes[0]!.id)).status).toBe('won')
})

test('a snapshot brings back what there was: objects, time and events, and ids go on from there', async () => {
  const { stripe, control } = account()
  const ada = await stripe.customers.create({ name: 'Ada' })
  await control('snapshots/before')
  const bea = await stripe.customers.create({ name: 'Bea' })
  await control('clock', { by: 86_400 })
  await stripe.customers.del(ada.id)
  await control('snapshots/before/restore')
  expect((await stripe.customers.list()).data.map(({ name }) => name)).toEqual(['Ada'])
  expect(await eventTypes(stripe)).toEqual(['customer.created'])
  expect((await stripe.customers.create({ name: 'Bea' })).id).toBe(bea.id)
})

test('after a reset an account is as new, and the same seed gives the same ids again', async () => {
  const { stripe, control } = account()
  const live = async () => {
    const { id } = await stripe.customers.create({ name: 'Ada' })
    const { data } = await stripe.events.list()
    return [id, data[0]!.id, data[0]!.request!.id]
  }
  await control('reset', { seed: 'one' })
  const first = await live()
  await control('reset', { seed: 'one' })
  expect((await stripe.customers.list()).data).toEqual([])
  await control('reset', { seed: 'two' })
  const second = await live()
  await control('reset', { seed: 'one' })
  expect(await live()).toEqual(first)
  expect(second).not.toEqual(first)
})

test('keys can be made for an account, with permissions, and revoked', async () => {
  const { stripe, control } = account()
  const customer = await stripe.customers.create({ name: 'Ada' })
  const { key } = (await control('keys', {
    kind: 'restricted',
    permissions: { customer: 'read', product: 'write' },
  })) as { key: string }
  const limited = clientFor(simulator.url, key)
  expect(key).toMatch(/^rk_test_/)
  expect((await limited.customers.retrieve(customer.id)).id).toBe(customer.id)
  expect((await limited.products.create({ name: 'Plan' })).name).toBe('Plan')
  const { statusCode, message } = await refusal(limited.customers.create({ name: 'Bea' }))
  expect(statusCode).toBe(403)
  expect(message).toMatch(/rak_customer_write/)
  expect((await refusal(limited.invoices.list())).statusCode).toBe(403)
  await control('keys/revoke', { key })
  expect((await refusal(limited.customers.retrieve(customer.id))).code).toBe('api_key_expired')
  const { key: live } = (await control('keys', { mode: 'live' })) as { key: string }
  const other = clientFor(simulator.url, live)
  expect((await refusal(other.customers.retrieve(customer.id))).message).toMatch(
    /exists in test mode/,
  )
})

test('with rate limits on, a burst is cut off with the reason', async () => {
  const { stripe, control } = account()
  await control('settings', { hasRateLimits: true })
  const results = await Promise.allSettled(
    Array.from({ length: 60 }, () => stripe.customers.list()),
  )
  const refused = results.filter((result) => result.status === 'rejected')
  expect(refused.length).toBeGreaterThan(5)
  expect(refused[0]!.reason).toMatchObject({
    statusCode: 429,
    headers: { 'stripe-rate-limited-reason': expect.stringMatching(/rate$/) as string },
  })
})

test('orders that make no sense are refused with what would', async () => {
  const { control } = account()
  await expect(control('faults/calls', { kind: 'chaos' })).rejects.toThrow(/lost_response/)
  await expect(control('faults/webhooks', {})).rejects.toThrow(/copies/)
  await expect(control('declines', { code: 'broke' })).rejects.toThrow(/insufficient_funds/)
  await expect(control('settings', { draftSecond: 1 })).rejects.toThrow(/draftSeconds/)
  await expect(control('nothing')).rejects.toThrow(/There is no POST/)
  await expect(control('refunds/re_none', { outcome: 'fail' })).rejects.toThrow(/no refund/)
})

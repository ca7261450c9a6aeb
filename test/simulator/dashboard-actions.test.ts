import type { Stripe } from 'stripe'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { until } from '../support/until.ts'
import { send } from './browser.ts'
import { openAccount } from './dashboard-account.ts'
import {
  clientFor,
  createCustomer,
  createPrice,
  NEW_YEAR,
  type Receiver,
  refusal,
  startReceiver,
  useSimulator,
} from './support.ts'

const simulator = useSimulator()
const account = (mode?: 'test' | 'live') => openAccount(simulator, mode)
let hooks: Receiver
beforeAll(async () => {
  hooks = await startReceiver()
})
afterAll(() => hooks.close())

test('the account clock is moved, frozen and let go', async () => {
  const { open, control } = await account()
  const now = async () =>
    ((await control('GET', '/_sim/clock')) as { clocks: { now: number; is_frozen: boolean }[] })
      .clocks[0]!
  const before = await now()

  const moved = await send(await open('/time'), '/time/account', { by: 'P1D' })
  const after = await now()
  const frozen = await send(moved, '/time/frozen', { frozen: 'true' })
  const standing = await now()
  const back = await send(frozen, '/time/account', { to: '2020-01-01T00:00' })

  expect(after.now - before.now).toBeGreaterThanOrEqual(86_400)
  expect(after.now - before.now).toBeLessThan(86_400 + 60)
  expect(standing.is_frozen).toBe(true)
  expect(frozen.text).toContain('frozen')
  expect(back.text).toContain('Time goes forward only')
  expect(await now()).toEqual(standing)
  await send(back, '/time/frozen', { frozen: 'false' })
  expect((await now()).is_frozen).toBe(false)
})

test('a test clock is made and advanced by a month of the calendar', async () => {
  const { open, stripe } = await account()
  const made = await send(await open('/time'), '/time/clocks', {
    name: 'Renewals',
    to: '2026-01-31T00:00',
  })
  const [clock] = (await stripe.testHelpers.testClocks.list()).data
  const advanced = await send(made, `/${clock!.id}/advance`, { by: 'P1M' })
  await until(
    () => stripe.testHelpers.testClocks.retrieve(clock!.id),
    ({ status }) => status === 'ready',
  )

  expect(clock).toMatchObject({ name: 'Renewals', frozen_time: NEW_YEAR + 30 * 86_400 })
  expect(advanced.text).toContain('The clock is on its way')
  expect((await stripe.testHelpers.testClocks.retrieve(clock!.id)).frozen_time).toBe(
    Date.UTC(2026, 1, 28) / 1_000,
  )
})

test('the next payment of one customer fails as chosen, then cards decide again', async () => {
  const { open, stripe } = await account()
  const [ada, grace] = [await createCustomer(stripe, null), await createCustomer(stripe, null)]
  const pay = (customer: Stripe.Customer) =>
    stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      customer: customer.id,
      payment_method: customer.invoice_settings.default_payment_method as string,
      confirm: true,
      return_url: 'https://example.com',
    })

  const page = await send(await open('/outcomes'), '/outcomes/declines', {
    code: 'insufficient_funds',
    customer: ada.id,
    next: '2',
  })
  expect(page.text).toContain('The next 2 payments of')
  expect((await pay(grace)).status).toBe('succeeded')
  expect((await refusal(pay(ada))).decline_code).toBe('insufficient_funds')

  const cleared = await send(await open('/outcomes'), '/declines/clear')
  expect(cleared.text).toContain('Nothing is arranged')
  expect((await pay(ada)).status).toBe('succeeded')
})

test('disputes, refunds and 3-D Secure are decided where they wait', async () => {
  const { open, stripe } = await account()
  const pay = (method: string) =>
    stripe.paymentIntents.create({
      amount: 1_000,
      currency: 'usd',
      payment_method: method,
      confirm: true,
      return_url: 'https://example.com',
    })
  const disputed = await pay('pm_card_createDispute')
  const refunded = await pay('pm_card_visa')
  const challenged = await pay('pm_card_threeDSecure2Required')
  const refund = await stripe.refunds.create({ payment_intent: refunded.id })
  const [dispute] = (await stripe.disputes.list({ payment_intent: disputed.id })).data

  const page = await open('/outcomes')
  await send(page, `${dispute!.id}/settle`, { outcome: 'lost' })
  await send(page, `${refund.id}/settle`, { outcome: 'fail' })
  const last = await send(page, `${challenged.id}/authenticate`, { outcome: 'complete' })

  expect((await stripe.disputes.retrieve(dispute!.id)).status).toBe('lost')
  expect((await stripe.refunds.retrieve(refund.id)).status).toBe('failed')
  expect((await stripe.paymentIntents.retrieve(challenged.id)).status).toBe('succeeded')
  expect(last.text).toContain('Nothing waits for a decision')
})

test('a charge is refunded through the API: the call is in the log, and more than is left is refused', async () => {
  const { open, stripe } = await account()
  const { latest_charge: charge } = await stripe.paymentIntents.create({
    amount: 1_000,
    currency: 'usd',
    payment_method: 'pm_card_visa',
    confirm: true,
    return_url: 'https://example.com',
  })
  const page = await open(`/objects/charge/${charge as string}`)

  const refunded = await send(page, '/refund', { amount: '400' })
  const refused = await send(refunded, '/refund', { amount: '700' })

  expect(refunded.text).toContain('The refund was made')
  expect((await stripe.charges.retrieve(charge as string)).amount_refunded).toBe(400)
  expect(refused.text).toContain('greater than unrefunded amount')
  expect((await open('/requests?only=writing')).text).toMatch(
    /400 POST \/v1\/refunds.*200 POST \/v1\/refunds/,
  )
})

test('a subscription is canceled at its period’s end, kept after all, and canceled at once', async () => {
  const { open, stripe } = await account()
  const customer = await createCustomer(stripe, null)
  const price = await createPrice(stripe, 2_900)
  const { id } = await stripe.subscriptions.create({
    customer: customer.id,
    items: [{ price: price.id }],
  })
  const now = () => stripe.subscriptions.retrieve(id)

  const ending = await send(await open(`/objects/subscription/${id}`), '/cancel', { when: 'end' })
  expect((await now()).cancel_at).not.toBeNull()
  const kept = await send(ending, '/cancel', { when: 'never' })
  expect((await now()).cancel_at).toBeNull()
  await send(kept, '/cancel', { when: 'now' })
  expect((await now()).status).toBe('canceled')
})

test('webhooks are held, released, and endpoints added here get what they ask for', async () => {
  const { open, stripe } = await account()
  const added = await send(await open('/webhooks'), '/webhooks', {
    url: hooks.url,
    events: 'product.created, product.updated',
  })
  const [endpoint] = (await stripe.webhookEndpoints.list()).data
  expect(endpoint?.enabled_events).toEqual(['product.created', 'product.updated'])
  const held = await send(added, '/webhooks/hold')
  const before = hooks.received.length
  await stripe.products.create({ name: 'Held' })

  expect(held.text).toContain('Webhooks are held')
  expect(hooks.received).toHaveLength(before)
  await send(held, '/webhooks/release')
  await expect.poll(() => hooks.received.length).toBe(before + 1)
  expect((await open('/webhooks')).text).toContain('product.created')
  const wrong = await send(await open('/webhooks'), '/webhooks', { url: 'nowhere', events: '' })
  expect(wrong.text).toContain('Invalid URL')
})

test('faults hit the program under test and spare the dashboard', async () => {
  const { open, stripe } = await account()
  await send(await open('/faults'), '/faults/calls', {
    kind: 'server_error',
    method: 'POST',
    path: '/v1/**',
    next: '2',
  })
  const page = await send(await open('/webhooks'), '/webhooks', { url: hooks.url, events: '' })
  expect(page.text).toContain('The endpoint gets events from now on')
  expect((await open('')).text).toContain('1 fault arranged')

  expect((await refusal(stripe.customers.create({}))).statusCode).toBe(500)
  await stripe.customers.list()
  await send(await open('/faults'), '/faults/clear')

  expect((await stripe.customers.create({})).object).toBe('customer')
})

test('webhook faults are arranged with their event types', async () => {
  const { open, control } = await account()
  const page = await send(await open('/faults'), '/faults/webhooks', {
    events: 'invoice.paid',
    next: '3',
    copies: '2',
    drop: '',
  })
  const faults = (await control('GET', '/_sim/faults')) as { webhooks: { faults: unknown[] } }[]

  expect(page.text).toContain('The next 3 deliveries of invoice.paid')
  expect(faults[0]?.webhooks.faults[0]).toMatchObject({
    events: ['invoice.paid'],
    remaining: 3,
    fault: { copies: 2 },
  })
})

test('a restricted key made here may do what was ticked and nothing else, until it is revoked', async () => {
  const { open, stripe } = await account()
  const { id } = await stripe.customers.create({ name: 'Ada' })
  const page = await send(await open('/keys'), '/keys', {
    name: 'Reader',
    kind: 'restricted',
    may_customer: 'read',
  })
  const key = /rk_test_\w+/.exec(page.text)?.[0] ?? ''
  const restricted = clientFor(simulator.url, key)

  expect((await restricted.customers.retrieve(id)).id).toBe(id)
  expect((await refusal(restricted.customers.update(id, { name: 'Eve' }))).statusCode).toBe(403)
  expect((await refusal(restricted.invoices.list())).statusCode).toBe(403)

  await send(page, '/keys/revoke', { key })
  expect((await refusal(restricted.customers.retrieve(id))).code).toBe('api_key_expired')
})

test('settings are saved as a whole, and a value that cannot be is told with its name', async () => {
  const { open, control } = await account()
  const saved = await send(await open('/settings'), '/settings', {
    businessName: 'Weather API',
    afterRetries: 'unpaid',
    webhookRetrySeconds: '1, 2, 3',
    hasRateLimits: 'on',
  })
  const wrong = await send(saved, '/settings', { draftSeconds: 'soon' })

  expect(saved.text).toContain('Weather API')
  expect(await control('GET', '/_sim/settings')).toMatchObject({
    businessName: 'Weather API',
    afterRetries: 'unpaid',
    webhookRetrySeconds: [1, 2, 3],
    hasRateLimits: true,
    draftSeconds: 3_600,
  })
  expect(wrong.text).toContain('“soon” is no whole number')
})

test('an account is reset when it is meant, and only this one', async () => {
  const { open, stripe } = await account()
  const other = await account()
  await stripe.customers.create({ name: 'Ada' })
  await other.stripe.customers.create({ name: 'Grace' })

  const unsure = await send(await open('/settings'), '/settings/reset')
  expect((await stripe.customers.list()).data).toHaveLength(1)
  await send(unsure, '/settings/reset', { sure: 'on' })

  expect(unsure.text).toContain('Nothing was reset')
  expect((await stripe.customers.list()).data).toHaveLength(0)
  expect((await other.stripe.customers.list()).data).toHaveLength(1)
})

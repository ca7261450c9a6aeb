import { serve } from '@hono/node-server'
import { Stripe } from 'stripe'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemCaller } from '../../src/domain/audit/caller.ts'
import { SIMULATOR_KEY, SIMULATOR_LIVE_KEY } from '../../src/domain/connections/service.ts'
import type { Mode } from '../../src/kit/mode.ts'
import { startSimulator } from '../../src/simulator/simulator.ts'
import { openTestConsole, type TestConsole } from '../support/console.ts'
import { control } from '../support/simulator-control.ts'

/** The console over HTTP, told by a simulated Stripe that has both modes of one account. */
const KEYS: Readonly<Record<Mode, string>> = { test: SIMULATOR_KEY, live: SIMULATOR_LIVE_KEY }
const SECRET = 'payment.stripe.webhook_secret'
const CUSTOMER_UPDATED = 'customer.updated'

let simulator: Awaited<ReturnType<typeof startSimulator>>
let console: TestConsole
let server: ReturnType<typeof serve>
let address: string
beforeAll(async () => {
  simulator = await startSimulator({
    host: '127.0.0.1',
    port: 0,
    data: 'memory',
    settings: { meterLagMs: 0, searchLagMs: 0 },
  })
  console = await openTestConsole({ startsAt: Date.now(), simulatorUrl: simulator.url })
  const { promise: listening, resolve } = Promise.withResolvers<AddressInfo>()
  server = serve({ fetch: console.app.fetch, hostname: '127.0.0.1', port: 0 }, resolve)
  address = `http://127.0.0.1:${(await listening).port}`
  const live = systemCaller('live')
  await console.domain.connections.connect(live, SIMULATOR_LIVE_KEY)
})
afterAll(async () => {
  await new Promise((done) => server.close(done))
  console.domain.clocks.close()
  await simulator.close()
})

const stripeOf = (mode: Mode) => {
  const { hostname, port } = new URL(simulator.url)
  return new Stripe(KEYS[mode], { host: hostname, port, protocol: 'http', maxNetworkRetries: 0 })
}
const setSecrets = (mode: Mode, ...secrets: string[]) =>
  console.domain.settings.set(systemCaller(mode), SECRET, secrets.join(','))
const flush = () => control({ simulatorUrl: simulator.url }, '/_sim/flush', {})
const received = async (mode: Mode) =>
  (await console.domain.inbox.list(mode, { type: CUSTOMER_UPDATED }, { limit: 100 })).data

let count = 0
async function customer(mode: Mode): Promise<{ id: string; stripeId: string }> {
  count += 1
  const { accounts, connections, jobs } = console.domain
  const created = await accounts.create(systemCaller(mode), {
    name: `Customer ${count}`,
    email: `customer-${count}@example.com`,
  })
  await jobs.drain()
  const { scope } = await connections.stripe(mode)
  const stripeId = await connections.externalId(scope, 'customer', created.id)
  return { id: created.id, stripeId: stripeId ?? '' }
}

async function withEndpoint(
  mode: Mode,
  path: string,
  run: (endpoint: { id: string; secret: string }) => Promise<void>,
): Promise<void> {
  const stripe = stripeOf(mode)
  const { id, secret = '' } = await stripe.webhookEndpoints.create({
    url: `${address}${path}`,
    enabled_events: [CUSTOMER_UPDATED],
    api_version: Stripe.API_VERSION,
  })
  try {
    await run({ id, secret })
  } finally {
    await stripe.webhookEndpoints.del(id)
  }
}

/** A delivery as Stripe would make it, of whatever somebody wants it to say. */
async function deliver(path: string, secret: string, changes: Readonly<Record<string, unknown>>) {
  const event = {
    id: `evt_${++count}`,
    object: 'event',
    api_version: Stripe.API_VERSION,
    created: Math.floor(Date.now() / 1000),
    livemode: false,
    type: CUSTOMER_UPDATED,
    data: { object: { id: 'cus_nobody', object: 'customer' } },
    ...changes,
  }
  const payload = JSON.stringify(event, null, 2)
  const signature = stripeOf('test').webhooks.generateTestHeaderString({ payload, secret })
  const { status, json } = await console.send('POST', path, {
    body: payload,
    headers: { 'stripe-signature': signature },
  })
  return [status, json['code'] ?? 'accepted'] as const
}

const TAKES: Readonly<Record<string, readonly Mode[]>> = {
  '/webhooks/stripe': ['test', 'live'],
  '/api/v1/billing/webhook': ['test', 'live'],
  '/api/webhooks/stripe': ['test', 'live'],
  '/api/webhooks/stripe-test': ['test'],
  '/webhooks/stripe/test': ['test'],
  '/webhooks/stripe/live': ['live'],
}

describe.each(Object.entries(TAKES))('S0.10 S1.12 S2.6 S4.18 %s', (path, modes) => {
  test.each(modes)('verifies, stores and applies what happens in %s mode', async (mode) => {
    const { id, stripeId } = await customer(mode)
    await withEndpoint(mode, path, async ({ secret }) => {
      await setSecrets(mode, secret)
      await stripeOf(mode).customers.update(stripeId, { name: 'Renamed' })
      await flush()
    })

    const told = async () =>
      (await received(mode)).find(({ stripeCustomerId }) => stripeCustomerId === stripeId)
    const event = await told()
    expect(event).toMatchObject({ source: 'webhook', state: 'received', mode })
    await console.domain.inbox.drain()
    expect(await told()).toMatchObject({ id: event?.id, state: 'processed' })
    expect(await console.domain.connections.mirrored(mode, id)).toMatchObject({ name: 'Renamed' })
  })

  test('S2.6 refuses what no secret of its modes has signed', async () => {
    await setSecrets('test', 'whsec_of_test')
    await setSecrets('live', 'whsec_of_live')
    expect(await deliver(path, 'whsec_guessed', {})).toEqual([400, 'webhook_signature_invalid'])
    for (const mode of ['test', 'live'] as const) {
      const isTaken = modes.includes(mode)
      const answer = await deliver(path, `whsec_of_${mode}`, { livemode: mode === 'live' })
      expect(answer).toEqual(isTaken ? [200, 'accepted'] : [400, 'webhook_signature_invalid'])
    }
  })
})

test('U38 a test event on a live path is refused although both modes share a secret, and the other way round', async () => {
  await setSecrets('test', 'whsec_shared')
  await setSecrets('live', 'whsec_shared')
  const refused = [400, 'webhook_mode_mismatch']
  expect(await deliver('/webhooks/stripe/live', 'whsec_shared', {})).toEqual(refused)
  for (const path of ['/webhooks/stripe/test', '/api/webhooks/stripe-test']) {
    expect(await deliver(path, 'whsec_shared', { livemode: true })).toEqual(refused)
  }
  expect(await deliver('/webhooks/stripe', 'whsec_shared', { id: 'evt_for_test' })).toEqual([
    200,
    'accepted',
  ])
  expect((await received('test')).map(({ id }) => id)).toContain('evt_for_test')
  expect((await received('live')).map(({ id }) => id)).not.toContain('evt_for_test')
})

test('P12 while a secret is rolled, deliveries are taken with the old one, with both, and with the new one', async () => {
  const { stripeId } = await customer('test')
  const renames = async (name: string) => {
    const before = (await received('test')).length
    await stripeOf('test').customers.update(stripeId, { name })
    await flush()
    return (await received('test')).length - before
  }
  await withEndpoint('test', '/webhooks/stripe', async ({ id, secret: old }) => {
    const roll = (expires: number) =>
      control({ simulatorUrl: simulator.url }, `/_sim/webhooks/endpoints/${id}/roll`, {
        expires_in: expires,
      }) as Promise<{ secret: string }>
    await setSecrets('test', old)
    const { secret: second } = await roll(86_400)
    expect(await renames('Signed twice')).toBe(1)

    await setSecrets('test', old, second)
    expect(await renames('Known twice')).toBe(1)

    const { secret: third } = await roll(0)
    await setSecrets('test', second)
    expect(await renames('Unknown')).toBe(0)
    await setSecrets('test', third)
    expect(await renames('Signed with the newest')).toBe(2)
  })
})

test('an event of a connected account is refused', async () => {
  await setSecrets('test', 'whsec_test')
  expect(await deliver('/webhooks/stripe', 'whsec_test', { account: 'acct_somebody' })).toEqual([
    400,
    'webhook_account_mismatch',
  ])
})

test('P12 an endpoint pinned to an older version is taken from, and told about once', async () => {
  await setSecrets('test', 'whsec_test')
  for (let time = 0; time < 2; time++) {
    expect(await deliver('/webhooks/stripe', 'whsec_test', { api_version: '2020-08-27' })).toEqual([
      200,
      'accepted',
    ])
  }
  const { data } = await console.domain.findings.list('test', { state: 'open' }, { limit: 100 })
  expect(data).toMatchObject([
    { category: 'configuration', subjectKind: 'webhook_endpoint', subjectId: '2020-08-27' },
  ])
})

test('thin events come by the same path, signed with the secret of their own destination', async () => {
  const stripe = stripeOf('test')
  const destination = await stripe.v2.core.eventDestinations.create({
    name: 'Thin',
    type: 'webhook_endpoint',
    event_payload: 'thin',
    enabled_events: console.domain.inbox.thinEventTypes() as string[],
    webhook_endpoint: { url: `${address}/webhooks/stripe` },
    include: ['webhook_endpoint.signing_secret'],
  })
  const secret = destination.webhook_endpoint?.signing_secret ?? ''
  await setSecrets('test', 'whsec_of_the_endpoint', secret)
  await stripe.billing.meterEvents.create({
    event_name: 'nobodys',
    payload: { stripe_customer_id: 'cus_x', value: '1' },
  })
  await flush()

  const type = 'v1.billing.meter.no_meter_found'
  const { data } = await console.domain.inbox.list('test', { type }, { limit: 5 })
  expect(data).toMatchObject([{ source: 'webhook', objectKind: 'v2.core.event' }])
})

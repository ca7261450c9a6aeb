import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
import { monthly, quota } from '../support/sold-plans.ts'
import { until } from '../support/until.ts'
import { openWorld, type World } from '../support/world.ts'

let world: World
let ada: Actor

beforeAll(async () => {
  world = await openWorld()
  ada = await world.customer('Ada')
  await ada.subscribes('pro')
})
afterAll(() => world.close())

test('a route that is made over REST takes calls within a second', async () => {
  const { operator } = world
  await operator.put('/api/v1/routes/{routeKey}', {
    params: { routeKey: 'gone' },
    body: {
      match: { kind: 'prefix', path: '/gone' },
      upstreamKey: 'default',
      position: 0,
      policy: { featureKey: 'nobody_has_it' },
    },
  })
  const madeAt = Date.now()

  const { status } = await until(
    () => ada.calls('/gone'),
    (answer) => answer.status === 403,
  )
  expect(status).toBe(403)
  expect(Date.now() - madeAt).toBeLessThan(1_000)

  await operator.delete('/api/v1/routes/{routeKey}', { params: { routeKey: 'gone' } })
})

test('S5.15.11 who is suspended is let in by no way, and by every one within a second of being reinstated', async () => {
  const { operator, running } = world
  const params = { customerId: ada.customerId }
  const body = { reason: 'operator' as const }
  const ways: Readonly<Record<string, () => Promise<number>>> = {
    gateway: async () => (await ada.calls()).status,
    decisions: async () => {
      const asked = { key: ada.key, method: 'GET', path: '/v1/ping' }
      return (await operator.post('/api/v1/decisions', { body: asked })).status
    },
    'forward-auth': async () => {
      const headers = {
        'farebox-token': world.token,
        authorization: `Bearer ${ada.key}`,
        'x-forwarded-uri': '/v1/ping',
        'x-forwarded-method': 'GET',
      }
      return (await fetch(`${running.consoleUrl}/api/v1/forward-auth`, { headers })).status
    },
  }
  /** How long it took until every way answers so. */
  const within = async (status: number) => {
    const since = Date.now()
    for (const ask of Object.values(ways)) await until(ask, (seen) => seen === status)
    return Date.now() - since
  }
  const all = async () => Promise.all(Object.values(ways).map((ask) => ask()))
  expect(await all()).toEqual([200, 200, 200])

  await operator.post('/api/v1/customers/{customerId}/suspend', { params, body })
  const stopped = await within(403)
  expect(await all()).toEqual([403, 403, 403])
  await operator.post('/api/v1/customers/{customerId}/reinstate', { params, body })
  const started = await within(200)

  // The portal stays: there what is wrong can be put right.
  expect((await ada.overview()).subscription?.planKey).toBe('pro')
  expect(stopped).toBeLessThan(1_000)
  expect(started).toBeLessThan(1_000)
})

test('a decision verifies a key, counts the call, and can be explained', async () => {
  const { operator } = world
  const decided = await operator.post('/api/v1/decisions', {
    body: { key: ada.key, method: 'GET', path: '/v1/ping', ip: '203.0.113.7' },
  })
  const explained = await operator.get('/api/v1/decisions/{requestId}', {
    params: { requestId: decided.requestId },
  })
  const wrong = await operator.post('/api/v1/decisions', { body: { key: 'nonsense', path: '/' } })

  expect(decided).toMatchObject({
    isAllowed: true,
    status: 200,
    planKey: 'pro',
    customerId: ada.customerId,
  })
  expect(explained).toMatchObject({
    isBilled: true,
    usage: [{ meterKey: 'requests', units: '1' }],
    customerId: ada.customerId,
  })
  expect(wrong).toMatchObject({
    isAllowed: false,
    status: 401,
    problem: { code: 'invalid_api_key' },
  })
  await expect(
    operator.post('/api/v1/decisions', { body: { key: ada.key } }),
  ).rejects.toMatchObject({ code: 'invalid_request' })
})

test('a decision is told to those who may, and a proxied call can be explained too', async () => {
  const { headers } = await ada.calls('/v1/ping')
  const requestId = headers.get('x-request-id') ?? ''
  const explained = await world.operator.get('/api/v1/decisions/{requestId}', {
    params: { requestId },
  })

  expect(explained).toMatchObject({ routeKey: 'all', status: 200, isBilled: true })
  await expect(
    world.operator.get('/api/v1/decisions/{requestId}', { params: { requestId: 'req_none' } }),
  ).rejects.toMatchObject({ code: 'not_found' })
})

test('a proxy that asks with headers gets a status it can act on, and headers to pass on', async () => {
  const url = `${world.running.consoleUrl}/api/v1/forward-auth`
  const asked = (headers: Record<string, string>) =>
    fetch(url, { headers: { 'farebox-token': world.token, ...headers } })
  const proxied = {
    authorization: `Bearer ${ada.key}`,
    'x-forwarded-method': 'POST',
    'x-forwarded-uri': '/v1/ping?x=1',
    'x-forwarded-for': '198.51.100.1, 203.0.113.7',
  }

  const allowed = await asked(proxied)
  const refused = await asked({ 'x-forwarded-uri': '/v1/ping' })
  const denied = await asked({ ...proxied, 'x-forwarded-uri': '//', 'farebox-deny': '403' })
  const untrusted = await asked({ ...proxied, 'farebox-token': 'fb_op_wrong' })
  const envoy = await fetch(`${url}/v1/ping?x=1`, {
    headers: { 'farebox-token': world.token, 'x-api-key': ada.key },
  })

  expect(allowed.status).toBe(200)
  expect(allowed.headers.get('x-customer-id')).toBe(ada.customerId)
  expect(allowed.headers.get('x-quota-limit')).not.toBeNull()
  expect(refused.status).toBe(401)
  expect(refused.headers.get('farebox-code')).toBe('missing_credentials')
  expect(denied.status).toBe(403)
  expect(denied.headers.get('farebox-status')).toBe('400')
  expect(untrusted.status).toBe(401)
  expect(await untrusted.json()).toMatchObject({ code: 'token_invalid' })
  expect(envoy.status).toBe(200)
})

const event = (id: string, rest: object = {}) => ({
  specversion: '1.0',
  id,
  source: 'batch-jobs',
  type: 'request',
  subject: ada.customerId,
  ...rest,
})

async function used(customerId = ada.customerId): Promise<number> {
  await world.running.gateway.flush()
  const { points } = await world.operator.get('/api/v1/customers/{customerId}/usage', {
    params: { customerId },
    query: {
      meter: 'requests',
      grain: 'month',
      from: new Date(Date.now() - 40 * 86_400_000).toISOString(),
      to: new Date(Date.now() + 86_400_000).toISOString(),
    },
  })
  return points.reduce((sum, { value }) => sum + Number(value), 0)
}

test('each event of a batch is judged on its own: the good ones count, once, the others say why (U1, U2, U4)', async () => {
  const before = await used()
  const sent = [
    event('1'),
    event('2', { time: new Date(Date.now() - 60_000).toISOString() }),
    event('1'),
    event('3', { type: 'nobody.measures.this' }),
    { ...event('4'), source: undefined },
    event('5', { subject: 'nobody' }),
    event('6', { time: '2020-01-01T00:00:00Z' }),
    event('7', { time: new Date(Date.now() + 3_600_000).toISOString() }),
    'not an event',
  ]
  const first = await world.operator.post('/api/v1/events', { body: sent })
  const again = await world.operator.post('/api/v1/events', { body: [event('1')] })
  const alone = await world.operator.post('/api/v1/events', { body: event('8') })

  expect(first).toMatchObject({ counted: 1, duplicates: 1, unmatched: 1 })
  expect(first.results.map(({ state, code }) => code ?? state)).toEqual([
    'counted',
    'no_subscription_then',
    'duplicate',
    'unmatched',
    'event_invalid',
    'customer_unknown',
    'event_too_old',
    'event_in_future',
    'event_invalid',
  ])
  expect(again).toMatchObject({ counted: 0, duplicates: 1 })
  expect(alone).toMatchObject({ counted: 1 })
  expect(await used()).toBe(before + 2)
  const { data: refused } = await world.operator.get('/api/v1/events/rejected', {})
  expect(refused.map(({ reason }) => reason.split(':')[0])).toContain('customer_unknown')
  const { data: unmatched } = await world.operator.get('/api/v1/events', {
    query: { state: 'unmatched' },
  })
  expect(unmatched).toMatchObject([{ id: '3', type: 'nobody.measures.this' }])
})

test.each([
  ['id', { id: 'a\0b' }],
  ['subject', { subject: 'a\0b' }],
  ['data.note', { data: { note: 'a\0b' } }],
  ['data.note', { data: { note: '\uD800' } }],
  ['data', { data: { ['a\0b']: 1 } }],
])(
  'an event that cannot be stored is refused alone, and kept to be looked at: %s',
  async (where, rest) => {
    const id = `stored ${JSON.stringify(rest)}`

    const { results } = await world.operator.post('/api/v1/events', {
      body: [event(id), event(`${id} bad`, rest)],
    })

    expect(results).toMatchObject([
      { state: 'counted' },
      { state: 'rejected', code: 'event_invalid' },
    ])
    const { data } = await world.operator.get('/api/v1/events/rejected', {})
    expect(data[0]?.reason).toContain(`event_invalid: ${where}`)
  },
)

test('the same event sent by many at once counts once', async () => {
  const before = await used()
  const answers = await Promise.all(
    Array.from({ length: 8 }, () =>
      world.operator.post('/api/v1/events', { body: [event('once'), event('more')] }),
    ),
  )

  expect(answers.reduce((sum, { counted }) => sum + counted, 0)).toBe(2)
  expect(await used()).toBe(before + 2)
})

test('an event that is taken back is uncounted, once', async () => {
  const before = await used()
  await world.operator.post('/api/v1/events', { body: event('wrong') })
  const body = { source: 'batch-jobs', id: 'wrong', reason: 'sent by a test' }
  const voided = await world.operator.post('/api/v1/events/void', { body })

  expect(voided).toMatchObject({ state: 'voided' })
  expect(await used()).toBe(before)
  await expect(world.operator.post('/api/v1/events/void', { body })).rejects.toMatchObject({
    code: 'event_is_voided',
  })
})

test('usage from elsewhere uses up the same hard quota as calls', async () => {
  await world.sells(
    'tiny',
    monthly('Tiny', [quota('requests', '6')], { isPaymentMethodRequired: false }),
  )
  const bob = await world.customer('Bob')
  await bob.subscribes('tiny')
  const first = await bob.calls()
  const sent = Array.from({ length: 5 }, (_, i) => event(`bob-${i}`, { subject: bob.customerId }))

  const { counted } = await world.operator.post('/api/v1/events', { body: sent })
  const after = await until(
    () => bob.calls(),
    ({ status }) => status === 403,
  )

  expect([first.status, counted]).toEqual([200, 5])
  expect(after.body).toMatchObject({ code: 'quota_exceeded' })
  expect(await used(bob.customerId)).toBeLessThanOrEqual(7)
})

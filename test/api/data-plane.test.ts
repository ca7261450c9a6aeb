import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Actor } from '../support/actor.ts'
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
  const asked = (headers: Record<string, string>, query = '') =>
    fetch(url + query, { headers: { 'farebox-token': world.token, ...headers } })
  const proxied = {
    authorization: `Bearer ${ada.key}`,
    'x-forwarded-method': 'POST',
    'x-forwarded-uri': '/v1/ping?x=1',
    'x-forwarded-for': '198.51.100.1, 203.0.113.7',
  }

  const allowed = await asked(proxied)
  const refused = await asked({ 'x-forwarded-uri': '/v1/ping' })
  const denied = await asked({ ...proxied, 'x-forwarded-uri': '//' }, '?deny=403')
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

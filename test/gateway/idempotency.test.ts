import { forgetRequest, startRequest } from '../../src/platform/idempotency.ts'
import type { UsageDelta } from '../../src/domain/metering/usage.ts'
import { decimal } from '../../src/kit/decimal.ts'
import { expect, test } from 'vitest'
import { createReplayStore } from '../../src/gateway/replays/replay-store.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { testDatabase } from '../support/database.ts'
import {
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  call,
  METERED,
  withQuotas,
} from './harness.ts'
import { head, talk } from './wire.ts'

const ONCE = { ...METERED, policy: { ...METERED.policy, idempotency: 'once' as const } }

async function anIdempotentWorld(upstream: string, workers = 0) {
  const replays = createReplayStore({ database: await testDatabase(), clock: systemClock })
  const world = await aWorld({ upstream, routes: [ONCE], replays, workers })
  world.access.put(aSecret(1), anAccess(1, withQuotas(aQuota(100))))
  world.access.put(aSecret(2), anAccess(2, withQuotas(aQuota(100))))
  return world
}

const post = (key: string, body = 'order') => ({
  method: 'POST',
  body,
  headers: { 'idempotency-key': key },
})

test.each([0, 2])(
  'a call that is repeated gets the first answer again and is billed once, with %i workers (U8)',
  async (workers) => {
    let made = 0
    const upstream = await anUpstream((request, response) => {
      request.resume().on('end', () => {
        response.statusCode = 201
        response.setHeader('x-order', String(++made))
        response.end(`order ${made}`)
      })
    })
    const world = await anIdempotentWorld(upstream.url, workers)

    const first = await call(world, '/orders', post('k1'))
    const again = await call(world, '/orders', post('k1'))
    const other = await call(world, '/orders', post('k2'))
    const stranger = await call(world, '/orders', { ...post('k1'), key: aSecret(2) })

    expect(first).toMatchObject({ status: 201, text: 'order 1' })
    expect(again).toMatchObject({ status: 201, text: 'order 1' })
    expect(again.headers).toMatchObject({ 'idempotent-replayed': 'true', 'x-order': '1' })
    expect(first.headers['idempotent-replayed']).toBeUndefined()
    expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id'])
    expect([other.text, stranger.text]).toEqual(['order 2', 'order 3'])
    expect(await world.counted()).toBe(2)
    expect(
      await world.gateway.decisions.explain(String(again.headers['x-request-id'])),
    ).toMatchObject({ isBilled: false, notBilledBecause: 'replayed' })
  },
)

test('a key that comes with another request is a mistake, and one that is no key is refused', async () => {
  const upstream = await anUpstream()
  const world = await anIdempotentWorld(upstream.url)
  await call(world, '/orders', post('k1'))

  const otherBody = await call(world, '/orders', post('k1', 'another'))
  const otherPath = await call(world, '/other', post('k1'))
  const blank = await call(world, '/orders', post('k 1'))
  const large = await call(world, '/orders', post('k3', 'x'.repeat(1024 * 1024 + 1)))

  expect([otherBody, otherPath].map(({ problem }) => problem.code)).toEqual([
    'idempotency_mismatch',
    'idempotency_mismatch',
  ])
  expect(blank).toMatchObject({ status: 400, problem: { code: 'idempotency_key_invalid' } })
  expect(large).toMatchObject({ status: 413, problem: { code: 'body_too_large' } })
  expect(upstream.seen).toHaveLength(1)
  expect(await world.counted()).toBe(1)
})

test('while the first is under way the second waits its turn', async () => {
  let answer = (): void => undefined
  const upstream = await anUpstream((request, response) => {
    request.resume()
    answer = () => void response.end('done')
  })
  const world = await anIdempotentWorld(upstream.url)

  const first = call(world, '/orders', post('k1'))
  await expect.poll(() => upstream.seen.length).toBe(1)
  const second = await call(world, '/orders', post('k1'))
  answer()

  expect(second).toMatchObject({ status: 409, problem: { code: 'request_in_progress' } })
  expect(second.headers['retry-after']).toBe('1')
  expect(await first).toMatchObject({ status: 200, text: 'done' })
  expect(await call(world, '/orders', post('k1'))).toMatchObject({ status: 200, text: 'done' })
  expect(await world.counted()).toBe(1)
})

test('a client whose connection breaks finds its answer when it comes again, and pays once (U8)', async () => {
  const pending: (() => void)[] = []
  const upstream = await anUpstream((request, response) => {
    request.resume()
    response.write('first half, ')
    pending.push(() => void response.end('second half'))
  })
  const world = await anIdempotentWorld(upstream.url)
  const request = head('slow', 'POST /orders', 'Idempotency-Key: k1', 'Content-Length: 5')

  await talk(world, `${request}order`, { until: /first half/ })
  const [finish] = pending
  finish?.()
  await expect
    .poll(() => call(world, '/orders', post('k1')))
    .toMatchObject({ status: 200, text: 'first half, second half' })

  expect(upstream.seen).toHaveLength(1)
  expect(await world.counted()).toBe(1)
})

test('a client that leaves in the middle of its body takes nobody with it, and may come again', async () => {
  const upstream = await anUpstream((request, response) => {
    request.resume().on('end', () => response.end('done'))
  })
  const world = await anIdempotentWorld(upstream.url)
  // Who rejects without anybody listening ends a process; the runner fails the test for it.
  const request = head('slow', 'POST /orders', 'Idempotency-Key: k1', 'Content-Length: 100')

  for (let i = 0; i < 3; i++) await talk(world, `${request}half of it`, { waitMs: 50 })

  expect(await call(world, '/orders', post('k1'))).toMatchObject({ status: 200, text: 'done' })
  expect(upstream.seen).toHaveLength(1)
})

test('an upstream that failed is asked again', async () => {
  let calls = 0
  const upstream = await anUpstream((request, response) => {
    request.resume()
    response.statusCode = ++calls === 1 ? 500 : 200
    response.end()
  })
  const world = await anIdempotentWorld(upstream.url)

  const statuses = []
  for (let i = 0; i < 3; i++) statuses.push((await call(world, '/orders', post('k1'))).status)

  expect(statuses).toEqual([500, 200, 200])
  expect(calls).toBe(2)
  expect(await world.counted()).toBe(1)
})

test('what the quota refuses can be tried again under the same key', async () => {
  const upstream = await anUpstream()
  const world = await anIdempotentWorld(upstream.url)
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(0))))
  const refused = await call(world, '/orders', post('k1'))
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(100))))

  expect(refused.problem.code).toBe('quota_exceeded')
  await expect
    .poll(async () => (await call(world, '/orders', post('k1'))).status, { timeout: 5_000 })
    .toBe(200)
})

test('an answer too large to keep goes through again, unbilled', async () => {
  const upstream = await anUpstream((request, response) => {
    request.resume()
    response.end('x'.repeat(1024 * 1024 + 1))
  })
  const world = await anIdempotentWorld(upstream.url)

  const first = await call(world, '/orders', post('k1'))
  const again = await call(world, '/orders', post('k1'))

  expect([first.status, again.status]).toEqual([200, 200])
  expect(again.text).toBe(first.text)
  expect(upstream.seen).toHaveLength(2)
  expect(await world.counted()).toBe(1)
})

const SCOPE = 'call:test:customer_1'
const DELTA: UsageDelta = {
  mode: 'test',
  subscriptionId: 'subscription_1',
  customerId: 'customer_1',
  meterKey: 'requests',
  bucketAt: 0,
  apiKeyId: 'key_1',
  routeKey: 'all',
  dimension: '',
  eventCount: 1,
  value: decimal(1),
}

const recorded = (requestId: string) => ({ scope: SCOPE, key: 'k', requestId, delta: DELTA })
const started = (now: number) => ({
  scope: SCOPE,
  key: 'k',
  requestHash: 'h',
  now,
  lockedUntil: now + 1_000,
  expiresAt: Date.now() + 60_000,
})

test('of two calls under one key that were both recorded, one is counted', async () => {
  const { database, metering, counted } = await aWorld({ upstream: (await anUpstream()).url })
  await startRequest(database.db, started(0))

  await metering.applyBatch('producer_dead', 1, [], [recorded('req_1')])
  await metering.applyBatch('producer_live', 1, [DELTA], [recorded('req_2'), recorded('req_3')])
  await metering.applyBatch('producer_dead', 1, [], [recorded('req_1')])

  expect(await counted()).toBe(2)
})

test('a third try knows of the first that died, though the second failed before its log was counted', async () => {
  const { database, metering, counted } = await aWorld({ upstream: (await anUpstream()).url })
  await startRequest(database.db, started(0))
  await startRequest(database.db, started(2_000))
  await forgetRequest(database.db, SCOPE, 'k')
  await metering.applyBatch('producer_dead', 1, [], [recorded('req_1')])

  expect(await startRequest(database.db, started(2_001))).toEqual({
    kind: 'started',
    isBilled: true,
  })
  expect(await counted()).toBe(1)
})

test('a try that failed without a death leaves nothing behind', async () => {
  const { database } = await aWorld({ upstream: (await anUpstream()).url })
  await startRequest(database.db, started(0))
  await forgetRequest(database.db, SCOPE, 'k')

  const other = await startRequest(database.db, { ...started(1), requestHash: 'another' })

  expect(other).toEqual({ kind: 'started', isBilled: false })
})

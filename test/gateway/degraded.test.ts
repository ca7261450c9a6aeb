import { mkdirSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
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
import { createMetrics } from '../../src/platform/metrics.ts'
import { until } from '../support/until.ts'
import { switchable } from './switchable.ts'

test('with the authority away, the route decides beyond the stock, and nobody is let past a limit known to be reached', async () => {
  const upstream = await anUpstream()
  const { state, metering, quotas } = await switchable()
  const strict = {
    ...METERED,
    key: 'strict',
    match: { kind: 'prefix', path: '/strict' },
    policy: { ...METERED.policy, onMeterFailure: 'deny' },
  } as const
  const world = await aWorld({
    upstream: upstream.url,
    metering,
    quotas,
    routes: [METERED, strict],
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))
  await call(world, '/')

  state.isDown = true
  const answers = []
  for (let i = 0; i < 4; i++) answers.push(await call(world, '/'))
  const denied = await call(world, '/strict')
  for (let i = 0; i < 11; i++) answers.push(await call(world, '/'))
  state.isDown = false
  await expect
    .poll(async () => (await world.gateway.readiness()).isQuotaAuthorityReachable, {
      timeout: 5_000,
    })
    .toBe(true)
  const after = await call(world, '/')

  const statuses = answers.map(({ status }) => status)
  expect(statuses).toEqual([...Array<number>(9).fill(200), ...Array<number>(6).fill(403)])
  expect(answers[8]?.headers['x-metering-status']).toBe('degraded')
  expect(answers[9]).toMatchObject({ problem: { code: 'quota_exceeded' } })
  expect(denied).toMatchObject({ status: 503, problem: { code: 'metering_unavailable' } })
  expect(after).toMatchObject({ status: 403, problem: { code: 'quota_exceeded' } })
  expect(await world.counted()).toBe(10)
})

test('with the shared counters away, a rate limit is counted alone or refused, as the route says', async () => {
  const upstream = await anUpstream()
  const { state, counters } = await switchable()
  const strict = {
    ...METERED,
    key: 'strict',
    match: { kind: 'prefix', path: '/strict' },
    policy: { ...METERED.policy, onMeterFailure: 'deny' },
  } as const
  const metrics = createMetrics()
  const routes = [METERED, strict]
  const world = await aWorld({ upstream: upstream.url, counters, metrics, routes })
  const speed = {
    name: 'slow',
    limit: 5,
    windowSeconds: 3_600,
    burst: null,
    scope: 'subscription',
  } as const
  world.access.put(aSecret(), anAccess(1, { rateLimits: [speed] }))

  state.isDown = true
  const served = await call(world, '/')
  const denied = await call(world, '/strict')
  const rest = []
  for (let i = 0; i < 5; i++) rest.push((await call(world, '/')).status)
  const degraded = await world.gateway.readiness()
  state.isDown = false
  const after = await until(
    () => call(world, '/strict'),
    ({ status }) => status !== 503,
  )

  expect(served).toMatchObject({ status: 200, headers: { 'x-metering-status': 'degraded' } })
  expect(denied).toMatchObject({ status: 503, problem: { code: 'metering_unavailable' } })
  expect(rest).toEqual([200, 200, 200, 200, 429])
  expect(degraded.areCountersReachable).toBe(false)
  expect([after.status, after.headers['x-metering-status']]).toEqual([200, undefined])
  expect((await metrics.render()).body).toContain('farebox_gateway_degraded_total{route="all"} 5')
})

test('with a disk that takes nothing, the route decides, and what was served is counted when it takes something again', async () => {
  const upstream = await anUpstream()
  const strict = {
    ...METERED,
    key: 'strict',
    match: { kind: 'prefix', path: '/strict' },
    policy: { ...METERED.policy, onMeterFailure: 'deny' },
  } as const
  const world = await aWorld({ upstream: upstream.url, routes: [METERED, strict] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))
  const isWritable = async () => (await world.gateway.readiness()).isUsageLogWritable
  const [producer = ''] = readdirSync(join(world.folder, 'usage'))
  const segment = join(world.folder, 'usage', producer, '000000000001.open')
  mkdirSync(segment)

  const noticed = await call(world, '/')
  await expect.poll(isWritable).toBe(false)
  const degraded = await call(world, '/')
  const denied = await call(world, '/strict')
  rmdirSync(segment)
  // A full disk has room for a name and none for what belongs under it.
  writeFileSync(segment, '')
  await expect.poll(isWritable, { timeout: 5_000 }).toBe(true)
  const after = await call(world, '/strict')

  expect([noticed, degraded, after].map(({ status }) => status)).toEqual([200, 200, 200])
  expect(degraded.headers['x-metering-status']).toBe('degraded')
  expect(denied).toMatchObject({ status: 503, problem: { code: 'metering_unavailable' } })
  expect(await world.counted()).toBe(3)
})

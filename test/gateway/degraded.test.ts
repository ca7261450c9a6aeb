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
import { switchable } from './switchable.ts'

test('with the authority away, a quota that is used up in stock is decided by the route', async () => {
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
  for (let i = 0; i < 15; i++) answers.push(await call(world, '/'))
  const denied = await call(world, '/strict')
  state.isDown = false
  await expect
    .poll(async () => (await world.gateway.readiness()).isQuotaAuthorityReachable, {
      timeout: 5_000,
    })
    .toBe(true)
  const after = await call(world, '/')

  expect(answers.every(({ status }) => status === 200)).toBe(true)
  expect(answers.at(-1)?.headers['x-metering-status']).toBe('degraded')
  expect(denied).toMatchObject({ status: 503, problem: { code: 'metering_unavailable' } })
  expect(after).toMatchObject({ status: 403, problem: { code: 'quota_exceeded' } })
  expect(await world.counted()).toBe(16)
})

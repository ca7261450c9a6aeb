import http from 'node:http'
import { expect, test } from 'vitest'
import { systemClock } from '../../src/kit/clock.ts'
import { decimal } from '../../src/kit/decimal.ts'
import { createQuotaAuthority } from '../../src/domain/entitlements/quota-authority.service.ts'
import { startGateway } from '../../src/gateway/gateway.ts'
import { createLog } from '../../src/platform/log.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
import {
  aBudget,
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  call,
  METERED,
  withQuotas,
} from './harness.ts'
import { toRouting } from './world.ts'

const ofKey = (n: number, limit: number | string) =>
  aBudget(limit, { id: `budget_of_${n}`, apiKeyId: `key_${n}` })

async function statuses(world: Parameters<typeof call>[0], count: number, key = aSecret()) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 24 })
  const answers = await Promise.all(
    Array.from({ length: count }, () => call(world, '/', { agent, key })),
  )
  agent.destroy()
  return answers.map(({ status }) => status)
}

const countOf = (all: readonly number[], status: number) =>
  all.filter((found) => found === status).length

test("a key's budget refuses what is beyond, and the customer's other keys go on", async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(1), anAccess(1, { budgets: [ofKey(1, 3)] }))
  world.access.put(aSecret(2), anAccess(1, { keyId: 'key_2' }))

  const first = await statuses(world, 3)
  const refused = await call(world, '/')
  const other = await call(world, '/', { key: aSecret(2) })

  expect(first).toEqual([200, 200, 200])
  expect(refused.status).toBe(403)
  expect(refused.problem).toMatchObject({
    code: 'budget_exceeded',
    limit: { name: 'spending', scope: 'key', limit: 3, used: 3, remaining: 0 },
    actions: [{ rel: 'wait', at: refused.problem.resetAt }, { rel: 'raise_budget' }],
  })
  expect(refused.problem.resetAt).toMatch(/-01T00:00:00\.000Z$|-01T00:00:00Z$/)
  expect(other.status).toBe(200)
})

test("a customer's budget is shared by all its keys, and a raised one counts at once", async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(1), anAccess(1, { budgets: [aBudget(3)] }))
  world.access.put(aSecret(2), anAccess(1, { keyId: 'key_2', budgets: [aBudget(3)] }))

  const before = [...(await statuses(world, 2)), ...(await statuses(world, 2, aSecret(2)))]
  world.access.put(aSecret(1), anAccess(1, { budgets: [aBudget(5)] }))
  const after = await statuses(world, 3)

  expect(before).toEqual([200, 200, 200, 403])
  expect(after.toSorted((a, b) => a - b)).toEqual([200, 200, 403])
})

test('a budget that only tells refuses nothing', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, { budgets: [aBudget(2, { isHard: false })] }))

  expect(await statuses(world, 5)).toEqual([200, 200, 200, 200, 200])
  expect(await world.counted()).toBe(5)
})

test('three workers let exactly a hard budget through together', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url, workers: 3 })
  world.access.put(aSecret(), anAccess(1, { budgets: [aBudget(150)] }))

  const all = await statuses(world, 220)

  expect([countOf(all, 200), countOf(all, 403)]).toEqual([150, 70])
  expect(await world.counted()).toBe(150)
})

test('two gateways over one database let exactly a hard budget through together', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, { budgets: [aBudget(100)] }))
  const second = await startGateway({
    host: '127.0.0.1',
    port: 0,
    folder: `${world.folder}-2`,
    workers: 0,
    access: world.access,
    metering: world.metering,
    routing: {
      current: () => Promise.resolve(toRouting([METERED], [{ key: 'api', url: upstream.url }])),
    },
    quotas: createQuotaAuthority({ database: world.database, clock: systemClock }),
    portalUrl: 'http://console.test/portal',
    clock: systemClock,
    log: createLog({ level: 'silent', format: 'json' }),
    metrics: createMetrics(),
  })

  const both = await Promise.all([statuses(world, 80), statuses({ gateway: second }, 80)])
  await second.close()

  expect(countOf(both.flat(), 200)).toBe(100)
})

test('a budget in money takes what each meter is worth, all meters of a call together', async () => {
  const upstream = await anUpstream()
  const route = { ...METERED, policy: { meters: { requests: '1', tokens: '100' } } }
  const world = await aWorld({ upstream: upstream.url, routes: [route] })
  const money = aBudget('0.05', {
    worth: { requests: decimal('0.01'), tokens: decimal('0.0001') },
    unit: 'USD',
  })
  const grants = {
    features: [],
    values: {},
    quotas: [],
    meters: ['requests', 'tokens'],
    credits: [],
  }
  world.access.put(aSecret(), anAccess(1, { grants, budgets: [money] }))

  // Each call costs 0.01 + 100 × 0.0001 = 0.02; the third would need 0.06.
  const all = await statuses(world, 3)
  const refused = await call(world, '/')

  expect(all.toSorted((a, b) => a - b)).toEqual([200, 200, 403])
  expect(refused.problem).toMatchObject({
    code: 'budget_exceeded',
    limit: { limit: 0.05, used: 0.04, remaining: 0.01 },
    detail: expect.stringContaining('0.05 USD per month') as string,
  })
})

test('what was refused by the upstream is given back to the budget', async () => {
  let status = 500
  const upstream = await anUpstream((_request, response) => {
    response.statusCode = status
    response.end()
  })
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, { budgets: [aBudget(2)] }))

  await statuses(world, 6)
  status = 200
  const after = await statuses(world, 3)

  expect(after.toSorted((a, b) => a - b)).toEqual([200, 200, 403])
})

test('of several limits that fail, the one that resets last is told', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  const byHour = aBudget(1, { id: 'budget_hour', window: 'hour' })
  world.access.put(aSecret(1), anAccess(1, { ...withQuotas(aQuota(1)), budgets: [byHour] }))

  await call(world, '/')
  const refused = await call(world, '/')

  expect(refused.problem.code).toBe('quota_exceeded')
})

test('after a restart a budget still holds what was used of it', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, { budgets: [aBudget(5)] }))

  await statuses(world, 3)
  const again = await world.restart()
  const all = await statuses(again, 4)

  expect(countOf(all, 200)).toBe(2)
})

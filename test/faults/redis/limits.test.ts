import http from 'node:http'
import { describe, expect, test } from 'vitest'
import { createRedisCounters } from '../../../src/platform/counters/redis-counters.ts'
import {
  anAccess,
  anUpstream,
  aSecret,
  aWorld,
  call,
  METERED,
  type World,
} from '../../gateway/harness.ts'
import { aRedis, HAS_REDIS, type RedisServers, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const SPEED = {
  name: 'slow',
  limit: 100,
  windowSeconds: 3_600,
  burst: null,
  scope: 'subscription',
} as const

/** Gateways of their own, as on machines of their own: only Redis is between them. */
async function gateways(servers: RedisServers, upstream: string, all: { workers?: number }[]) {
  const worlds: World[] = []
  for (const options of all) {
    const counters = createRedisCounters(await aRedis(servers))
    worlds.push(await aWorld({ upstream, counters, ...options }))
  }
  return worlds
}

async function statuses(worlds: readonly World[], count: number): Promise<number[]> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 24 })
  const answers = await Promise.all(
    Array.from({ length: count }, (_, i) => call(worlds[i % worlds.length]!, '/', { agent })),
  )
  agent.destroy()
  return answers.map(({ status }) => status)
}

describe.skipIf(!HAS_REDIS)('limits of several gateways (needs redis-server)', () => {
  test.each([
    ['three of one process each', [{}, {}, {}]],
    ['one with two workers, and one more', [{ workers: 2 }, {}]],
  ])('%s let exactly a rate limit through together', async (_name, all) => {
    const upstream = await anUpstream()
    const worlds = await gateways(await startRedis(), upstream.url, all)
    for (const { access } of worlds) access.put(aSecret(), anAccess(1, { rateLimits: [SPEED] }))

    const first = await statuses(worlds, 200)
    let admitted = first.filter((status) => status === 200).length
    // What was taken in stock and not used comes back a moment later, for whoever asks then.
    await until(
      async () => {
        const more = await statuses(worlds, 4)
        admitted += more.filter((status) => status === 200).length
        return admitted
      },
      (count) => count >= 100,
    )
    const after = await statuses(worlds, 30)

    expect(after.filter((status) => status !== 429)).toEqual([])
    expect(admitted).toBe(100)
    expect(upstream.seen).toHaveLength(100)
  })

  test('two gateways never run more calls at once than a concurrency limit allows', async () => {
    let running = 0
    let most = 0
    const upstream = await anUpstream((_request, response) => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        response.end('ok')
      }, 10)
    })
    const routes = [
      {
        ...METERED,
        policy: {
          ...METERED.policy,
          concurrencyLimits: [{ name: 'few', limit: 5, scope: 'customer' as const }],
        },
      },
    ]
    const servers = await startRedis()
    const worlds = await gateways(servers, upstream.url, [{}, {}])
    for (const world of worlds) {
      world.route(routes)
      world.access.put(aSecret(), anAccess())
    }
    await until(
      async () => (await statuses(worlds, 20)).filter((status) => status === 200).length,
      (count) => count > 0,
    )

    await statuses(worlds, 100)

    expect(most).toBeGreaterThan(1)
    expect(most).toBeLessThanOrEqual(5)
  })
})

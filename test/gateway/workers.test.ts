import http from 'node:http'
import { describe, expect, test } from 'vitest'
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

/** Connections that the kernel can spread over processes. */
function manyConnections(): http.Agent {
  return new http.Agent({ keepAlive: true, maxSockets: 24 })
}

async function statuses(world: Parameters<typeof call>[0], count: number, path = '/') {
  const agent = manyConnections()
  const answers = await Promise.all(
    Array.from({ length: count }, () => call(world, path, { agent })),
  )
  agent.destroy()
  return answers.map(({ status }) => status)
}

const countOf = (list: readonly number[], status: number) => list.filter((s) => s === status).length

describe('three workers on one port', () => {
  test('let exactly a hard quota through together', async () => {
    const upstream = await anUpstream()
    const world = await aWorld({ upstream: upstream.url, workers: 3 })
    world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(300))))

    const all = await statuses(world, 400)

    expect([countOf(all, 200), countOf(all, 403)]).toEqual([300, 100])
    expect(upstream.seen).toHaveLength(300)
    expect(await world.counted()).toBe(300)
  })

  test('let exactly a rate limit through together', async () => {
    const upstream = await anUpstream()
    const world = await aWorld({ upstream: upstream.url, workers: 3 })
    const speed = {
      name: 'slow',
      limit: 100,
      windowSeconds: 3_600,
      burst: null,
      scope: 'subscription',
    } as const
    world.access.put(aSecret(), anAccess(1, { rateLimits: [speed] }))

    const first = await statuses(world, 200)
    // What a worker took in stock and did not use is back a moment later.
    await new Promise((resolve) => setTimeout(resolve, 400))
    const second = await statuses(world, 100)

    expect(countOf(first, 200)).toBeLessThanOrEqual(100)
    expect(countOf(first, 200)).toBeGreaterThan(80)
    expect(countOf(first, 200) + countOf(second, 200)).toBe(100)
  })

  test('never run more requests at once than a concurrency limit allows', async () => {
    let running = 0
    let most = 0
    const upstream = await anUpstream((_request, response) => {
      most = Math.max(most, ++running)
      setTimeout(() => {
        running--
        response.end('ok')
      }, 20)
    })
    const limited = {
      ...METERED,
      policy: {
        ...METERED.policy,
        concurrencyLimits: [{ name: 'few', limit: 5, scope: 'customer' }],
      },
    } as const
    const world = await aWorld({ upstream: upstream.url, workers: 3, routes: [limited] })
    world.access.put(aSecret(), anAccess())

    const all = await statuses(world, 100)

    expect(most).toBeLessThanOrEqual(5)
    expect(most).toBeGreaterThan(1)
    expect(countOf(all, 200)).toBeGreaterThanOrEqual(5)
    expect(countOf(all, 200) + countOf(all, 429)).toBe(100)
  })

  test('hear of a change within a second, and of new routes', async () => {
    const upstream = await anUpstream()
    const world = await aWorld({ upstream: upstream.url, workers: 3 })
    world.access.put(aSecret(), anAccess())
    expect(countOf(await statuses(world, 30), 200)).toBe(30)

    const refusal = { kind: 'refused', code: 'key_revoked', params: {}, actions: [] } as const
    world.access.put(
      aSecret(),
      anAccess(1, { timeline: [{ from: Number.NEGATIVE_INFINITY, decision: refusal }] }),
    )
    world.route([{ ...METERED, match: { kind: 'prefix', path: '/v2' } }])

    await expect
      .poll(async () => countOf(await statuses(world, 30, '/v2'), 401), { timeout: 1_000 })
      .toBe(30)
    await expect
      .poll(async () => countOf(await statuses(world, 30), 404), { timeout: 1_000 })
      .toBe(30)
  })
})

test('where the kernel does not share ports, workers accept from the parent’s server', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url, workers: 2, portSharing: 'parent_accepts' })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(50))))

  const all = await statuses(world, 60)

  expect([countOf(all, 200), countOf(all, 403)]).toEqual([50, 10])
})

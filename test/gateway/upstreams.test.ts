import { expect, test } from 'vitest'
import type { UpstreamPolicy } from '../../src/domain/routing/route.ts'
import { createMetrics } from '../../src/platform/metrics.ts'
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

async function aWorldOf(
  targets: readonly { readonly url: string; readonly weight?: number }[],
  policy: Partial<UpstreamPolicy> = {},
) {
  const world = await aWorld({ upstreams: [{ key: 'api', targets, policy }], routes: [METERED] })
  world.access.put(aSecret(), anAccess())
  return world
}

const statusesOf = async (
  world: { gateway: { url: string } },
  count: number,
  options: { method?: string; body?: string } = {},
) => {
  const statuses = []
  for (let i = 0; i < count; i++) statuses.push((await call(world, '/', options)).status)
  return statuses
}

test('targets get requests in proportion to their weights, evenly mixed', async () => {
  const [heavy, light] = [await anUpstream(), await anUpstream()]
  const world = await aWorldOf([{ url: heavy.url, weight: 3 }, { url: light.url }])

  await statusesOf(world, 40)

  expect([heavy.seen.length, light.seen.length]).toEqual([30, 10])
})

test('a target that is gone is passed over, for what may be sent twice', async () => {
  const well = await anUpstream()
  const world = await aWorldOf([{ url: 'http://127.0.0.1:1' }, { url: well.url }], {
    breaker: null,
  })

  expect(await statusesOf(world, 6)).toEqual([200, 200, 200, 200, 200, 200])
  const posted = await statusesOf(world, 4, { method: 'POST', body: 'x' })
  expect(posted.toSorted((a, b) => a - b)).toEqual([200, 200, 503, 503])
  expect(await world.counted()).toBe(8)
})

test('after failures in a row a target gets a rest, then one request tries it', async () => {
  let isBroken = true
  const upstream = await anUpstream((request, response) => {
    if (isBroken) request.socket.destroy()
    else response.end('ok')
  })
  const policy = { retries: 0, breaker: { failures: 3, openMs: 2_000 } }
  const world = await aWorldOf([{ url: upstream.url }], policy)

  expect(await statusesOf(world, 5)).toEqual([502, 502, 502, 503, 503])
  expect(upstream.seen).toHaveLength(3)
  isBroken = false
  await expect.poll(async () => (await call(world, '/')).status, { timeout: 10_000 }).toBe(200)
  expect(await statusesOf(world, 2)).toEqual([200, 200])
})

test('a target whose health check fails gets nothing until it is well again', async () => {
  let isIll = false
  const ill = await anUpstream((request, response) => {
    response.statusCode = isIll && request.url === '/healthz' ? 503 : 200
    response.end()
  })
  const well = await anUpstream()
  const health = {
    path: '/healthz',
    intervalMs: 100,
    timeoutMs: 2_000,
    unhealthyAfter: 1,
    healthyAfter: 1,
  }
  const world = await aWorldOf([{ url: ill.url }, { url: well.url }], { health })
  const callsTo = ({ seen }: { seen: string[] }) => seen.filter((line) => line === 'GET /').length
  /** How many of the next calls go to the target that falls ill. */
  const share = async () => {
    const before = callsTo(ill)
    await statusesOf(world, 4)
    return callsTo(ill) - before
  }

  expect(await share()).toBe(2)
  isIll = true
  await expect.poll(share, { timeout: 5_000 }).toBe(0)
  isIll = false
  await expect.poll(share, { timeout: 5_000 }).toBe(2)
})

test.each(['fast', 'slow'] as const)(
  'a call that the second target answered is no refusal, in the %s lane',
  async (lane) => {
    const well = await anUpstream()
    const world = await aWorldOf([{ url: 'http://127.0.0.1:1' }, { url: well.url }], {
      breaker: null,
    })

    const ids = []
    for (let i = 0; i < 2; i++) {
      const text = await talk(world, head(lane, 'GET /'), { until: /ok$/ })
      ids.push(/x-request-id: (\S+)/i.exec(text)?.[1] ?? '')
    }

    for (const id of ids) {
      expect(await world.gateway.decisions.explain(id)).toMatchObject({
        status: 200,
        refusal: null,
        isBilled: true,
      })
    }
  },
)

test('metrics count requests by route, plan and what became of them, and say what works', async () => {
  const upstream = await anUpstream((request, response) => {
    response.statusCode = request.url === '/missing' ? 404 : 200
    response.end()
  })
  const metrics = createMetrics()
  const world = await aWorld({ upstream: upstream.url, metrics })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(2))))
  for (const path of ['/', '/missing', '/', '/']) await call(world, path)
  await call(world, '/', { key: null })
  await world.gateway.readiness()

  const { body } = await metrics.render()
  const lines = body.split('\n').filter((line) => line.startsWith('farebox_gateway_'))
  expect(lines.toSorted()).toEqual([
    'farebox_gateway_access_log_dropped_total 0',
    'farebox_gateway_requests_total{route="all",plan="",outcome="refused",code="missing_credentials"} 1',
    'farebox_gateway_requests_total{route="all",plan="pro",outcome="billed",code=""} 2',
    'farebox_gateway_requests_total{route="all",plan="pro",outcome="not_billed",code=""} 1',
    'farebox_gateway_requests_total{route="all",plan="pro",outcome="refused",code="quota_exceeded"} 1',
    expect.stringMatching(/^farebox_gateway_usage_backlog \d+$/),
    'farebox_gateway_working{part="counters"} 1',
    'farebox_gateway_working{part="quota_authority"} 1',
    'farebox_gateway_working{part="usage_log"} 1',
  ])
})

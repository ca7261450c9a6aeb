import { expect, test } from 'vitest'
import {
  aQuota,
  anAccess,
  anUpstream,
  aSecret,
  aWorld,
  call,
  METERED,
  withQuotas,
} from './harness.ts'

test('a call with a key goes to the upstream and back unchanged, and is counted', async () => {
  const upstream = await anUpstream((request, response) => {
    response.setHeader('x-upstream', 'yes')
    request.pipe(response)
  })
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess())

  const answer = await call(world, '/v1/echo?a=1', { method: 'POST', body: 'hello' })

  expect(answer).toMatchObject({ status: 200, text: 'hello' })
  expect(answer.headers).toMatchObject({ 'x-upstream': 'yes' })
  expect(answer.headers['x-request-id']).toMatch(/^req_/)
  expect(upstream.seen).toEqual(['POST /v1/echo?a=1'])
  expect(await world.counted()).toBe(1)
})

test('a hard quota lets exactly its limit through, however many call at once', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(100))))

  const answers = await Promise.all(Array.from({ length: 150 }, () => call(world, '/')))

  const statuses = answers.map(({ status }) => status)
  expect(statuses.filter((status) => status === 200)).toHaveLength(100)
  expect(statuses.filter((status) => status === 403)).toHaveLength(50)
  expect(answers.find(({ status }) => status === 403)?.problem).toMatchObject({
    code: 'quota_exceeded',
    limit: { name: 'requests', limit: 100, used: 100, remaining: 0 },
    actions: [{ rel: 'wait' }, { rel: 'upgrade', href: 'http://console.test/portal/plans' }],
  })
  expect(upstream.seen).toHaveLength(100)
  expect(await world.counted()).toBe(100)
})

test('a restart forgets nothing: what was used stays used', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))
  for (let i = 0; i < 6; i++) await call(world, '/')

  const restarted = await world.restart()
  const answers = []
  for (let i = 0; i < 6; i++) answers.push((await call(restarted, '/')).status)

  expect(answers).toEqual([200, 200, 200, 200, 403, 403])
  expect(await restarted.counted()).toBe(10)
})

test('a route of higher weight costs more of the same quota', async () => {
  const upstream = await anUpstream()
  const heavy = {
    ...METERED,
    key: 'export',
    match: { kind: 'prefix', path: '/export' },
    policy: { meters: { requests: '10' } },
  } as const
  const world = await aWorld({ upstream: upstream.url, routes: [METERED, heavy] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(25))))

  const statuses = []
  for (const path of ['/a', '/export', '/export', '/export', '/b']) {
    statuses.push((await call(world, path)).status)
  }

  expect(statuses).toEqual([200, 200, 200, 403, 200])
  expect(await world.counted()).toBe(22)
})

test('trace context passes through to the upstream and back', async () => {
  const upstream = await anUpstream((request, response) => {
    response.setHeader(
      'x-seen',
      [request.headers['traceparent'], request.headers['tracestate']].join(' '),
    )
    response.setHeader('traceresponse', '00-1-2-01')
    response.end()
  })
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess())
  const traceparent = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01'

  const { headers } = await call(world, '/', { headers: { traceparent, tracestate: 'a=1' } })

  expect(headers['x-seen']).toBe(`${traceparent} a=1`)
  expect(headers['traceresponse']).toBe('00-1-2-01')
})

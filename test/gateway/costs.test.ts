import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { EventStream } from '../../src/gateway/costs/event-stream.ts'
import type { CostRule, CostSource, RoutePolicy } from '../../src/domain/routing/route.ts'
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

const cost = (source: CostSource, rest: Partial<CostRule> = {}): CostRule => ({
  meterKey: 'requests',
  source,
  factor: '1',
  estimate: '7',
  ...rest,
})

const priced = (
  source: CostSource,
  rest: Partial<CostRule> = {},
  policy: Partial<RoutePolicy> = {},
) => ({
  ...METERED,
  policy: { meters: { requests: '0' }, costs: [cost(source, rest)], ...policy },
})

const EVENTS = [
  'data: {"choices":[1]}\n\n',
  'data: {"usage":{"total_tokens":5}}\n\n',
  'data: {"usage":{"total',
  '_tokens":12}}\r\n\r\n',
  'data: [DONE]\n\n',
]

const JSON_ANSWER = '{"usage":{"total_tokens":42}}'

const CASES: [string, CostSource, Partial<CostRule>, number][] = [
  ['a number in a JSON answer', { kind: 'json', property: 'usage.total_tokens' }, {}, 42],
  ['a factor of it', { kind: 'json', property: 'usage.total_tokens' }, { factor: '0.5' }, 21],
  ['a header of the answer', { kind: 'response_header', name: 'X-Cost' }, {}, 2.25],
  ['the bytes of the request', { kind: 'request_bytes' }, {}, 11],
  ['the bytes of the answer', { kind: 'response_bytes' }, {}, JSON_ANSWER.length],
  [
    'the estimate, when a complete answer does not say',
    { kind: 'json', property: 'nothing' },
    {},
    7,
  ],
]

test.each(CASES)('a call costs %s', async (_, source, rest, expected) => {
  const upstream = await anUpstream((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('x-cost', '2.25')
      response.end(JSON_ANSWER)
    })
  })
  const world = await aWorld({ upstream: upstream.url, routes: [priced(source, rest)] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  const answer = await call(world, '/', { method: 'POST', body: 'eleven byte' })

  expect(answer.status).toBe(200)
  expect(await world.counted()).toBe(expected)
})

test('an answer that states more than anybody can count costs the estimate, and holds nothing up', async () => {
  const upstream = await anUpstream(
    (_, response) => void response.end(`{"tokens":"${'9'.repeat(26)}"}`),
  )
  const source = { kind: 'json', property: 'tokens' } as const
  const world = await aWorld({
    upstream: upstream.url,
    routes: [priced(source, { factor: '1000' })],
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  await call(world, '/')
  await call(world, '/')

  expect(await world.counted()).toBe(14)
})

test('the tokens of a stream are its last word, the events their number', async () => {
  const upstream = await anUpstream((_, response) => {
    response.setHeader('content-type', 'text/event-stream')
    for (const part of EVENTS) response.write(part)
    response.end()
  })
  const tokens = priced({ kind: 'sse_json', property: 'usage.total_tokens' })
  const world = await aWorld({ upstream: upstream.url, routes: [tokens] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))
  const answer = await call(world, '/')
  world.route([priced({ kind: 'sse_events' })])
  await expect.poll(async () => (await call(world, '/')) && world.counted()).toBe(16)

  expect(answer.text).toBe(EVENTS.join(''))
  expect(await world.counted()).toBe(12 + 4)
})

test('an answer that comes compressed nevertheless is read, and passed on as it came', async () => {
  const body = gzipSync('{"tokens":9}')
  const encodings: (string | undefined)[] = []
  const upstream = await anUpstream((request, response) => {
    encodings.push(request.headers['accept-encoding'])
    response.setHeader('content-encoding', 'gzip')
    response.end(body)
  })
  const world = await aWorld({
    upstream: upstream.url,
    routes: [priced({ kind: 'json', property: 'tokens' })],
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  const answer = await call(world, '/', { headers: { 'accept-encoding': 'gzip' } })

  expect(answer.headers['content-encoding']).toBe('gzip')
  expect(encodings).toEqual([undefined])
  expect(await world.counted()).toBe(9)
})

test.each([
  [{ kind: 'sse_json', property: 'usage.total_tokens' } as const, 12],
  [{ kind: 'sse_events' } as const, 4],
])('a stream that comes compressed costs the same: %j', async (source, expected) => {
  const upstream = await anUpstream((_, response) => {
    response.setHeader('content-type', 'text/event-stream')
    response.setHeader('content-encoding', 'gzip')
    response.end(gzipSync(EVENTS.join('')))
  })
  const world = await aWorld({ upstream: upstream.url, routes: [priced(source)] })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  await call(world, '/')

  expect(await world.counted()).toBe(expected)
})

test('a stream in an encoding nobody can read costs the estimate', async () => {
  const upstream = await anUpstream((_, response) => {
    response.setHeader('content-type', 'text/event-stream')
    response.setHeader('content-encoding', 'zstd')
    response.end('unreadable')
  })
  const world = await aWorld({
    upstream: upstream.url,
    routes: [priced({ kind: 'sse_events' })],
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))

  await call(world, '/')

  expect(await world.counted()).toBe(7)
})

test('an event that never ends is one event, and is not kept', () => {
  const events: string[] = []
  const stream = new EventStream((data) => events.push(data))
  const line = Buffer.from(`data: ${'x'.repeat(65_536)}\n`)

  for (let i = 0; i < 1_000; i++) stream.read(line)
  stream.read(Buffer.from('\ndata: next\n\n'))

  expect(events).toHaveLength(2)
  expect(events[0]?.length).toBeLessThan(65_536 * 20)
  expect(events[1]).toBe('next')
})

test('an estimate is set aside until the cost is known, and what was too much comes back', async () => {
  const upstream = await anUpstream((_, response) => void response.end('{"tokens":2}'))
  const world = await aWorld({
    upstream: upstream.url,
    routes: [priced({ kind: 'json', property: 'tokens' }, { estimate: '10' })],
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(25))))

  const answers = []
  for (let i = 0; i < 9; i++) answers.push((await call(world, '/')).status)

  // With 8 calls of 2 units, 9 are left, and a ninth of 10 does not fit.
  expect(answers).toEqual([200, 200, 200, 200, 200, 200, 200, 200, 403])
  expect(await world.counted()).toBe(16)
})

test.each([
  ['bill_observed', 5],
  ['bill_reserved', 7],
  ['bill_none', 0],
] as const)(
  'a client that leaves in mid-stream pays by %s (U7)',
  async (onDisconnect, expected) => {
    const upstream = await anUpstream((_, response) => {
      response.setHeader('content-type', 'text/event-stream')
      response.write(EVENTS[0])
      response.write(EVENTS[1])
    })
    const world = await aWorld({
      upstream: upstream.url,
      routes: [priced({ kind: 'sse_json', property: 'usage.total_tokens' }, {}, { onDisconnect })],
    })
    world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000))))
    const text = await talk(world, head('fast', 'GET /'), { until: /total_tokens/ })
    const id = /x-request-id: (\S+)/i.exec(text)?.[1] ?? ''

    await expect.poll(() => world.gateway.decisions.explain(id)).toBeDefined()
    expect(await world.counted()).toBe(expected)
  },
)

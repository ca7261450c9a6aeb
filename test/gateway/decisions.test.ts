import { expect, test } from 'vitest'
import {
  type AskedAroundDecisions,
  createAskedAroundDecisions,
} from '../../src/gateway/decisions/asked-around.ts'
import { createLog } from '../../src/platform/log.ts'
import type { DecisionAsk } from '../../src/domain/entitlements/decision.ts'
import type { RouteInput } from '../../src/domain/routing/route.ts'
import { decimal } from '../../src/kit/decimal.ts'
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

const ask = (rest: Partial<DecisionAsk> = {}): DecisionAsk => ({
  key: aSecret(),
  method: 'GET',
  host: 'api.test',
  path: '/',
  address: '127.0.0.1',
  meters: null,
  featureKey: null,
  isConsuming: true,
  ...rest,
})

/** Instants in the answers are those of their moment. */
const relsOf = (actions: unknown) => (actions as { rel: string }[]).map(({ rel }) => rel)

const ROUTES: RouteInput[] = [
  METERED,
  {
    ...METERED,
    key: 'beta',
    match: { kind: 'prefix', path: '/beta' },
    policy: { featureKey: 'beta' },
  },
  {
    ...METERED,
    key: 'slow',
    match: { kind: 'prefix', path: '/slow' },
    policy: {
      rateLimits: [{ name: 'slow', limit: 1, windowSeconds: 3_600, burst: 1, scope: 'key' }],
    },
  },
]

test('a decision says what the gateway answers: the same status, code, limit and actions', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url, routes: ROUTES })
  const { decisions } = world.gateway
  world.access.put(aSecret(1), anAccess(1, withQuotas(aQuota(2))))
  world.access.put(aSecret(2), anAccess(2, { allowedIps: ['10.0.0.0/8'] }))
  for (const path of ['/', '/', '/slow']) await call(world, path)

  const asked = [
    { path: '/', key: null },
    { path: '/', key: aSecret(9) },
    { path: '/a//b', key: aSecret(1) },
    { path: '/', key: aSecret(2) },
    { path: '/beta', key: aSecret(1) },
    { path: '/slow', key: aSecret(1) },
    { path: '/', key: aSecret(1) },
  ]
  const codes = []
  for (const { path, key } of asked) {
    const proxied = await call(world, path, { key })
    const decided = await decisions.decide(ask({ path, key }))
    const { type, status, code, limit, actions } = proxied.problem
    expect(decided).toMatchObject({ isAllowed: false, status: proxied.status })
    expect(decided.problem).toMatchObject({ type, status, code })
    expect(decided.problem?.['limit']).toEqual(limit && { ...limit, resetAt: expect.any(String) })
    expect(relsOf(decided.problem?.['actions'])).toEqual(relsOf(actions))
    codes.push(decided.problem?.['code'])
  }

  expect(codes).toEqual([
    'missing_credentials',
    'invalid_api_key',
    'ambiguous_path',
    'ip_not_allowed',
    'feature_not_entitled',
    'rate_limited',
    'quota_exceeded',
  ])
})

test('decisions and calls take from one quota, to the last unit and no further (U11)', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(60))))

  const decided = await Promise.all(
    Array.from({ length: 60 }, async (_, i) =>
      i % 2 === 0
        ? (await world.gateway.decisions.decide(ask())).isAllowed
        : (await call(world, '/')).status === 200,
    ),
  )
  const oneMore = await world.gateway.decisions.decide(ask())

  expect(decided.every(Boolean)).toBe(true)
  expect(oneMore.problem).toMatchObject({ code: 'quota_exceeded' })
  expect(await world.counted()).toBe(60)
})

test('an allowed decision carries what the gateway tells client and upstream', async () => {
  const world = await aWorld({ upstream: 'http://127.0.0.1:1' })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))

  const answer = await world.gateway.decisions.decide(ask())

  expect(answer).toMatchObject({
    isAllowed: true,
    status: 200,
    customerId: 'customer_1',
    planKey: 'pro',
    routeKey: 'all',
  })
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    'X-Request-Id': answer.requestId,
    'X-Quota-Limit': '10',
    'X-Quota-Used': '1',
  })
  expect(Object.fromEntries(answer.upstreamHeaders)).toMatchObject({
    'x-customer-id': 'customer_1',
  })
})

test('without a path, what is asked for is decided; without consuming, nothing is used up', async () => {
  const world = await aWorld({ upstream: 'http://127.0.0.1:1' })
  const { decisions } = world.gateway
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))
  const three = { path: null, meters: { requests: decimal('3.5') } }

  const looked = await decisions.decide(ask({ ...three, isConsuming: false }))
  const taken = await decisions.decide(ask(three))
  const again = await decisions.decide(ask(three))
  const tooMuch = await decisions.decide(ask(three))
  const missing = await decisions.decide(ask({ ...three, featureKey: 'beta' }))
  const unknown = await decisions.decide(ask({ path: null, meters: { other: decimal('1') } }))

  expect([looked, taken, again].map(({ isAllowed }) => isAllowed)).toEqual([true, true, true])
  expect(tooMuch.problem).toMatchObject({ code: 'quota_exceeded', limit: { used: 7 } })
  expect(missing.problem).toMatchObject({ code: 'feature_not_entitled' })
  expect(unknown.problem).toMatchObject({ code: 'meter_not_in_plan' })
  expect(await world.counted()).toBe(7)
  expect(await decisions.explain(looked.requestId)).toMatchObject({
    isBilled: false,
    notBilledBecause: 'not_consuming',
  })
})

test.each([0, 2])(
  'every call can be explained by its id, with %i workers (U57)',
  async (workers) => {
    const upstream = await anUpstream((request, response) => {
      response.statusCode = request.url === '/wrong' ? 404 : 200
      response.end()
    })
    const world = await aWorld({ upstream: upstream.url, workers })
    world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(2))))
    const explain = async (path: string, key = aSecret()) => {
      const { headers } = await call(world, path, { key })
      return world.gateway.decisions.explain(String(headers['x-request-id']))
    }

    expect(await explain('/', aSecret(9))).toMatchObject({
      isAllowed: false,
      stage: 'authenticate',
      status: 401,
      customerId: null,
      refusal: { code: 'invalid_api_key', actions: ['create_key'] },
      notBilledBecause: 'refused',
    })
    expect(await explain('/wrong')).toMatchObject({
      isAllowed: true,
      stage: 'proxy',
      status: 404,
      isBilled: false,
      notBilledBecause: 'status_not_billed',
      usage: [],
    })
    expect(await explain('/')).toMatchObject({
      status: 200,
      routeKey: 'all',
      keyId: 'key_1',
      customerId: 'customer_1',
      isBilled: true,
      usage: [{ meterKey: 'requests', units: '1' }],
    })
    await call(world, '/')
    expect(await explain('/')).toMatchObject({
      stage: 'limit',
      refusal: {
        code: 'quota_exceeded',
        limit: { limit: 2, used: 2 },
        actions: ['wait', 'upgrade'],
      },
    })
    expect(await world.gateway.decisions.explain('req_0000000000aaaaaa0000001')).toBeUndefined()
  },
)

test("a request that another machine's gateway served is explained by either, while that one runs", async () => {
  const upstream = await anUpstream()
  const here = await aWorld({ upstream: upstream.url })
  const { database } = here
  here.access.put(aSecret(), anAccess(1))
  const there = await aWorld({ upstream: upstream.url })
  there.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1))))
  const log = createLog({ level: 'silent', format: 'json' })
  const [asked, other] = [here, there].map(({ gateway }) =>
    createAskedAroundDecisions({ own: gateway.decisions, database, log }),
  ) as [AskedAroundDecisions, AskedAroundDecisions]

  const served = await call(there, '/')
  const refused = await call(there, '/')
  const idOf = ({ headers }: typeof served) => String(headers['x-request-id'])
  const found = await asked.explain(idOf(served))
  const why = await asked.explain(idOf(refused))
  const unknown = await asked.explain('req_00000000000000000000000')
  const own = await other.explain(idOf(served))
  other.close()
  const gone = await asked.explain(idOf(served))
  asked.close()

  expect(await here.gateway.decisions.explain(idOf(served))).toBeUndefined()
  expect(found).toMatchObject({
    requestId: idOf(served),
    isBilled: true,
    usage: [{ meterKey: 'requests', units: '1' }],
  })
  expect(found).toEqual(own)
  expect(why).toMatchObject({ isAllowed: false, refusal: { code: 'quota_exceeded' } })
  expect([unknown, gone]).toEqual([undefined, undefined])
})

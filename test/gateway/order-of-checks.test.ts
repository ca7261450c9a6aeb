import { expect, test } from 'vitest'
import type { AccessRecord } from '../../src/domain/entitlements/access-record.ts'
import type { ErrorCode } from '../../src/errors.ts'
import { anAccess, anUpstream, aQuota, aSecret, aWorld, call, METERED } from './harness.ts'

/** Each access is refused for a reason, and for all the reasons of those below it too. */
const refused = (code: ErrorCode): Pick<AccessRecord, 'timeline'> => ({
  timeline: [
    {
      from: Number.NEGATIVE_INFINITY,
      decision: { kind: 'refused', code, params: {}, actions: [] },
    },
  ],
})
const elsewhere = { allowedIps: ['10.0.0.1'] }
const otherScope = { scopes: ['read'] }
const grants = (features: readonly string[], meters: readonly string[]) => ({
  grants: { features, meters, values: {}, quotas: [aQuota(0)], credits: [] },
})
const slow = {
  rateLimits: [{ name: 'speed', limit: 1, windowSeconds: 3_600, burst: 1, scope: 'key' as const }],
}
const nothing = grants([], [])
const all = grants(['reports'], ['requests'])

const CASES: readonly [ErrorCode, number, Partial<AccessRecord>][] = [
  ['key_disabled', 403, { ...refused('key_disabled'), ...elsewhere, ...otherScope, ...nothing }],
  [
    'ip_not_allowed',
    403,
    { ...refused('customer_suspended'), ...elsewhere, ...otherScope, ...nothing },
  ],
  ['insufficient_scope', 403, { ...refused('customer_suspended'), ...otherScope, ...nothing }],
  ['customer_suspended', 403, { ...refused('customer_suspended'), ...nothing, ...slow }],
  ['feature_not_entitled', 403, { ...nothing, ...slow }],
  ['meter_not_in_plan', 403, { ...grants(['reports'], []), ...slow }],
  ['quota_exceeded', 403, { ...all, ...slow }],
  ['rate_limited', 429, { ...all, ...slow }],
]

/** Semantics: credentials, key, customer, subscription, payment, entitlement, speed, quota; the first that fails answers. */
test.each(CASES)(
  'of all that is wrong with a call, %s is told first',
  async (code, status, rest) => {
    const { url, seen } = await anUpstream()
    const policy = { scope: 'write', featureKey: 'reports', meters: { requests: '1' } }
    const world = await aWorld({ upstream: url, routes: [{ ...METERED, policy }] })
    world.access.put(aSecret(), anAccess(1, rest))

    // The only token is taken by a call that the quota refuses.
    if (code === 'rate_limited') await call(world, '/')
    const answer = await call(world, '/')

    expect(answer.status).toBe(status)
    expect(answer.problem).toMatchObject({ code, actions: expect.any(Array) as unknown })
    expect(seen).toEqual([])
  },
)

test('who says nothing, something else or a wrong key is told that, whatever the route is', async () => {
  const { url, seen } = await anUpstream()
  const policy = { ...METERED.policy, scope: 'write', featureKey: 'reports' }
  const world = await aWorld({ upstream: url, routes: [{ ...METERED, policy }] })

  const nobody = await call(world, '/', { key: null })
  const basic = await call(world, '/', { key: null, headers: { authorization: 'Basic eDp5' } })
  const stranger = await call(world, '/', { key: aSecret(9) })

  expect([nobody, basic, stranger].map(({ status }) => status)).toEqual([401, 401, 401])
  expect([nobody, basic, stranger].map(({ problem }) => problem.code)).toEqual([
    'missing_credentials',
    'invalid_scheme',
    'invalid_api_key',
  ])
  expect(seen).toEqual([])
})

import { expect, test } from 'vitest'
import { careWords, costWords, matchWords, parseMethods, type Route } from './present-routing.ts'

const ROUTE: Route = {
  key: 'default',
  position: 0,
  match: { kind: 'prefix', path: '/v1' },
  host: null,
  methods: [],
  upstreamKey: 'default',
  rewrite: null,
  isEnabled: true,
  policy: {
    isPublic: false,
    featureKey: null,
    scope: null,
    meters: { requests: '1' },
    costs: [],
    meterOnStatusCodes: '200-299',
    onDisconnect: 'bill_observed',
    onMeterFailure: 'allow_and_record',
    rateLimits: [],
    concurrencyLimits: [],
    idempotency: 'ignore',
    timeoutMs: 60_000,
  },
}
const METERS = [{ key: 'requests', unit: 'request' }]
const UPSTREAM = {
  hostHeader: 'upstream',
  forwarding: 'x_forwarded',
  connectTimeoutMs: 5_000,
  maxConnections: 512,
  retries: 1,
  breaker: null,
  health: null,
  certificateAuthority: null,
} as const

test('a route says which requests it takes', () => {
  expect(matchWords(ROUTE)).toBe('/v1 and below')
  expect(
    matchWords({
      ...ROUTE,
      host: 'api.example.com',
      methods: ['GET', 'POST'],
      match: { ...ROUTE.match, kind: 'exact' },
    }),
  ).toBe('GET, POST api.example.com/v1')
})

test('a route says what a request counts as', () => {
  const words = (policy: object) => costWords({ policy: { ...ROUTE.policy, ...policy } }, METERS)
  expect(words({})).toBe('1 request')
  expect(words({ isPublic: true })).toBe('nothing: no key needed')
  expect(words({ meters: {} })).toBe('nothing')
  const cost = { meterKey: 'tokens', source: { kind: 'json', property: 'usage.total' } }
  expect(words({ costs: [{ ...cost, factor: '1', estimate: '0' }] })).toBe(
    '1 request and tokens by a number in the JSON answer',
  )
})

test('an upstream says what happens when it fails', () => {
  expect(careWords({ policy: { ...UPSTREAM, retries: 0 } })).toBe('not tried again')
  const breaker = { failures: 5, openMs: 10_000 }
  expect(careWords({ policy: { ...UPSTREAM, breaker } })).toBe(
    '1 retry, set aside after 5 failures',
  )
})

test('methods are read as people type them', () => {
  expect(parseMethods(' get,  Post ')).toEqual(['GET', 'POST'])
  expect(parseMethods('')).toEqual([])
})

import type { ResponseOf } from '../../../../src/client/client.ts'
import { countOf, listOf } from '../../../ui/format.ts'
import { unitsOf } from '../../../ui/pricing/price-words.ts'

export type Route = ResponseOf<'get', '/api/v1/routes'>['data'][number]
export type RoutePolicy = Route['policy']
export type CostRule = RoutePolicy['costs'][number]
export type RateLimit = RoutePolicy['rateLimits'][number]
export type ConcurrencyLimit = RoutePolicy['concurrencyLimits'][number]
export type Upstream = ResponseOf<'get', '/api/v1/upstreams'>['data'][number]
export type UpstreamPolicy = Upstream['policy']

/** `GET, POST api.example.com/v1/…`: which requests a route takes. */
export function matchWords({
  match,
  host,
  methods,
}: Pick<Route, 'match' | 'host' | 'methods'>): string {
  const prefix = match.path === '/' ? '/ and everything below' : `${match.path} and below`
  const path = match.kind === 'prefix' ? prefix : match.path
  const verbs = methods.length === 0 ? '' : `${methods.join(', ')} `
  return `${verbs}${host ?? ''}${path}`
}

const SOURCES: Record<CostRule['source']['kind'], string> = {
  request_bytes: 'bytes of the request',
  response_bytes: 'bytes of the answer',
  response_header: 'a header of the answer',
  json: 'a number in the JSON answer',
  sse_json: 'a number in the event stream',
  sse_events: 'events of the stream',
  websocket_messages: 'WebSocket messages',
}

export const SOURCE_OPTIONS = (Object.keys(SOURCES) as (keyof typeof SOURCES)[]).map((value) => ({
  value,
  label: SOURCES[value],
}))

/** What one request through the route costs: `1 request, and tokens by a number in the JSON answer`. */
export function costWords(
  { policy }: Pick<Route, 'policy'>,
  meters: readonly { readonly key: string; readonly unit: string }[],
): string {
  if (policy.isPublic) return 'nothing: no key needed'
  const unitOf = (meterKey: string) => meters.find(({ key }) => key === meterKey)?.unit ?? meterKey
  const parts = [
    ...Object.entries(policy.meters).map(([key, amount]) => unitsOf(amount, unitOf(key))),
    ...policy.costs.map(({ meterKey, source }) => `${meterKey} by ${SOURCES[source.kind]}`),
  ]
  return parts.length === 0 ? 'nothing' : listOf(parts)
}

/** Who a limit is counted for. */
export const SCOPE_OPTIONS = [
  { value: 'key', label: 'each API key' },
  { value: 'subscription', label: 'each subscription' },
  { value: 'customer', label: 'each customer' },
  { value: 'address', label: 'each network address' },
  { value: 'route', label: 'everybody together' },
] as const

/** `one retry, set aside after 5 failures, checked every 10 s`. */
export function careWords({ policy }: Pick<Upstream, 'policy'>): string {
  const { retries, breaker, health } = policy
  const parts = [
    retries === 0 ? 'not tried again' : countOf(retries, 'retry', 'retries'),
    ...(breaker === null ? [] : [`set aside after ${countOf(breaker.failures, 'failure')}`]),
    ...(health === null ? [] : [`checked every ${seconds(health.intervalMs)}`]),
  ]
  return parts.join(', ')
}

export function seconds(ms: number): string {
  return `${ms / 1000} s`
}

/** A cost's source of another kind, with the member that kind needs. */
export function sourceOf(kind: CostRule['source']['kind']): CostRule['source'] {
  switch (kind) {
    case 'response_header':
      return { kind, name: '' }
    case 'json':
    case 'sse_json':
      return { kind, property: '' }
    case 'request_bytes':
    case 'response_bytes':
    case 'sse_events':
    case 'websocket_messages':
      return { kind }
  }
}

/** Methods as people type them: `get, post` is GET and POST; nothing is any. */
export function parseMethods(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .filter((method) => method !== '')
    .map((method) => method.toUpperCase())
}

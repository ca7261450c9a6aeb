/** Where requests go and what they cost. Shared by both modes: the key of a request tells its mode. */
export interface Route {
  readonly key: string
  /** Lower is tried first. */
  readonly position: number
  readonly match: RouteMatch
  /** `api.example.com`, or `*.example.com` for every name below it. Null matches every host. */
  readonly host: string | null
  /** Empty matches every method. */
  readonly methods: readonly string[]
  readonly upstreamKey: string
  /**
   * What the matched part of the path becomes: the prefix of a prefix match, the whole path otherwise, where `{name}`
   * repeats what a pattern found. Null passes the path on as it came.
   */
  readonly rewrite: string | null
  readonly policy: RoutePolicy
  readonly isEnabled: boolean
}

export type RouteMatch =
  | { readonly kind: 'exact'; readonly path: string }
  /** `/v1` takes `/v1` and whatever is below `/v1/`; `/` takes everything. */
  | { readonly kind: 'prefix'; readonly path: string }
  /** `/v1/items/{id}`: each name stands for one segment; a last segment `*` for any number of them. */
  | { readonly kind: 'pattern'; readonly path: string }

export interface RoutePolicy {
  /** Public routes need no key and are not metered. */
  readonly isPublic: boolean
  /** Refused unless the plan grants this feature. */
  readonly featureKey: string | null
  /** Refused unless the key carries this scope; a key without scopes carries all. */
  readonly scope: string | null
  /** Meter key to the units one request adds, as a decimal string. */
  readonly meters: Readonly<Record<string, string>>
  /** Units that are known only from the answer, added to those above. */
  readonly costs: readonly CostRule[]
  /** Which answers are billed: `200-299`, `200-299,304`. */
  readonly meterOnStatusCodes: string
  /** What is billed when the client hangs up before the answer is complete. */
  readonly onDisconnect: DisconnectPolicy
  /** When usage cannot be recorded or quota not decided. */
  readonly onMeterFailure: 'allow_and_record' | 'deny'
  readonly rateLimits: readonly RouteRateLimit[]
  readonly concurrencyLimits: readonly ConcurrencyLimit[]
  /** With `once`, calls with the same `Idempotency-Key` and body are billed once and answered alike for a day. */
  readonly idempotency: 'ignore' | 'once'
  /** How long the upstream may take until its answer starts, and between two parts of it. */
  readonly timeoutMs: number
}

/**
 * `bill_observed`: what was answered until then, nothing when the answer had not started.
 * `bill_reserved`: what was reserved, whatever was answered. `bill_none`: nothing.
 */
export type DisconnectPolicy = 'bill_observed' | 'bill_reserved' | 'bill_none'

export interface CostRule {
  readonly meterKey: string
  readonly source: CostSource
  /** Units per counted thing, as a decimal string. */
  readonly factor: string
  /** Units set aside until the cost is known; what was too much comes back. */
  readonly estimate: string
}

export type CostSource =
  | { readonly kind: 'request_bytes' }
  | { readonly kind: 'response_bytes' }
  | { readonly kind: 'response_header'; readonly name: string }
  /** A number in a JSON answer, such as `usage.total_tokens`. */
  | { readonly kind: 'json'; readonly property: string }
  /** The last such number in the events of a stream. */
  | { readonly kind: 'sse_json'; readonly property: string }
  | { readonly kind: 'sse_events' }
  /** Messages of a WebSocket, in both directions. */
  | { readonly kind: 'websocket_messages' }

/** A speed of the route's own, beside those of the plan. */
export interface RouteRateLimit {
  readonly name: string
  readonly limit: number
  readonly windowSeconds: number
  readonly burst: number | null
  readonly scope: 'key' | 'subscription' | 'customer' | 'route' | 'address'
}

/** At most `limit` requests at the same time. */
export interface ConcurrencyLimit {
  readonly name: string
  readonly limit: number
  readonly scope: 'key' | 'subscription' | 'customer' | 'route' | 'address'
}

export const DEFAULT_ROUTE_POLICY: RoutePolicy = {
  isPublic: false,
  featureKey: null,
  scope: null,
  meters: {},
  costs: [],
  meterOnStatusCodes: '200-299',
  onDisconnect: 'bill_observed',
  onMeterFailure: 'allow_and_record',
  rateLimits: [],
  concurrencyLimits: [],
  idempotency: 'ignore',
  timeoutMs: 60_000,
}

/** An API requests are passed to: one or several origins that answer alike. */
export interface Upstream {
  readonly key: string
  readonly targets: readonly UpstreamTarget[]
  readonly policy: UpstreamPolicy
}

export interface UpstreamTarget {
  /** Origin and base path: `https://api.example.com/v2`. */
  readonly url: string
  /** Its share of the requests among the targets of the upstream. */
  readonly weight: number
}

export interface UpstreamPolicy {
  /** `upstream` sends the target's own name as Host, `client` the one the client asked for. */
  readonly hostHeader: 'upstream' | 'client'
  /** How the upstream learns who called: `X-Forwarded-*`, RFC 7239's `Forwarded`, or not at all. */
  readonly forwarding: 'x_forwarded' | 'forwarded' | 'none'
  readonly connectTimeoutMs: number
  /** Connections per target and process; requests beyond it wait, as long as their time-out allows. */
  readonly maxConnections: number
  /** How often a request that changes nothing is tried again when a target does not answer it. */
  readonly retries: number
  /** After so many failures in a row a target gets no requests for a while. Null switches this off. */
  readonly breaker: { readonly failures: number; readonly openMs: number } | null
  /** Asks each target how it is. Null leaves it to the breaker. */
  readonly health: HealthCheck | null
  /** PEM of the authorities a TLS target is checked against; null trusts what Node trusts. */
  readonly certificateAuthority: string | null
}

export interface HealthCheck {
  readonly path: string
  readonly intervalMs: number
  readonly timeoutMs: number
  /** So many failed checks in a row take a target out, so many good ones bring it back. */
  readonly unhealthyAfter: number
  readonly healthyAfter: number
}

export const DEFAULT_UPSTREAM_POLICY: UpstreamPolicy = {
  hostHeader: 'upstream',
  forwarding: 'x_forwarded',
  connectTimeoutMs: 5_000,
  maxConnections: 512,
  retries: 1,
  breaker: { failures: 5, openMs: 10_000 },
  health: null,
  certificateAuthority: null,
}

/** A route as people write it: what is left out has its default. */
export type RouteInput = Pick<Route, 'key' | 'match' | 'upstreamKey'> &
  Partial<Pick<Route, 'position' | 'host' | 'methods' | 'rewrite' | 'isEnabled'>> & {
    readonly policy?: Partial<RoutePolicy>
  }

export interface UpstreamInput {
  readonly key: string
  /** Short for one target. */
  readonly url?: string
  readonly targets?: readonly (Pick<UpstreamTarget, 'url'> & Partial<UpstreamTarget>)[]
  readonly policy?: Partial<UpstreamPolicy>
}

export function routeFrom(input: RouteInput): Route {
  return {
    position: 0,
    host: null,
    methods: [],
    rewrite: null,
    isEnabled: true,
    ...input,
    policy: { ...DEFAULT_ROUTE_POLICY, ...input.policy },
  }
}

export function upstreamFrom({ key, url, targets, policy }: UpstreamInput): Upstream {
  const given = targets ?? (url === undefined ? [] : [{ url }])
  return {
    key,
    targets: given.map((target) => ({ weight: 1, ...target })),
    policy: { ...DEFAULT_UPSTREAM_POLICY, ...policy },
  }
}

/** Everything a gateway needs to know about where requests go. */
export interface Routing {
  readonly upstreams: readonly Upstream[]
  readonly routes: readonly Route[]
}

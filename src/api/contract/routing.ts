import { z } from 'zod'
import { operator, route } from './route.ts'
import { decimal, done, list } from './values.ts'

const tag = 'Routing'

const routingKey = z.string().regex(/^[a-z0-9_-]{1,64}$/, 'must be 1 to 64 of a-z, 0-9, - and _')

const costSource = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('request_bytes') }),
  z.strictObject({ kind: z.literal('response_bytes') }),
  z.strictObject({ kind: z.literal('response_header'), name: z.string() }),
  z.strictObject({ kind: z.literal('json'), property: z.string() }),
  z.strictObject({ kind: z.literal('sse_json'), property: z.string() }),
  z.strictObject({ kind: z.literal('sse_events') }),
  z.strictObject({ kind: z.literal('websocket_messages') }),
])

const cost = z.strictObject({
  meterKey: z.string(),
  source: costSource,
  /** Units per counted thing. */
  factor: decimal,
  /** Units set aside until the cost is known. */
  estimate: decimal,
})

const limitScope = z.enum(['key', 'subscription', 'customer', 'route', 'address'])

const rateLimit = z.strictObject({
  name: z.string(),
  limit: z.int(),
  windowSeconds: z.int(),
  burst: z.int().nullable(),
  scope: limitScope,
})

const concurrencyLimit = z.strictObject({ name: z.string(), limit: z.int(), scope: limitScope })

const routePolicy = z.strictObject({
  /** Public routes need no key and are not metered. */
  isPublic: z.boolean(),
  featureKey: z.string().nullable(),
  scope: z.string().nullable(),
  /** Meter key to the units one request adds. */
  meters: z.record(z.string(), decimal),
  /** Units that are known only from the answer. */
  costs: z.array(cost),
  /** Which answers are billed: `200-299,304`. */
  meterOnStatusCodes: z.string(),
  onDisconnect: z.enum(['bill_observed', 'bill_reserved', 'bill_none']),
  onMeterFailure: z.enum(['allow_and_record', 'deny']),
  rateLimits: z.array(rateLimit),
  concurrencyLimits: z.array(concurrencyLimit),
  idempotency: z.enum(['ignore', 'once']),
  timeoutMs: z.int(),
})

const routeMatch = z.strictObject({
  kind: z.enum(['exact', 'prefix', 'pattern']),
  path: z.string().max(1_000),
})

const apiRoute = z
  .object({
    key: z.string(),
    position: z.int(),
    match: routeMatch,
    host: z.string().nullable(),
    methods: z.array(z.string()),
    upstreamKey: z.string(),
    rewrite: z.string().nullable(),
    policy: routePolicy,
    isEnabled: z.boolean(),
  })
  .meta({ id: 'Route' })

/** What is left out has its default. */
const routeBody = z.strictObject({
  match: routeMatch,
  upstreamKey: z.string(),
  position: z.int().optional(),
  host: z.string().nullable().optional(),
  methods: z.array(z.string()).max(32).optional(),
  rewrite: z.string().nullable().optional(),
  policy: routePolicy.partial().optional(),
  isEnabled: z.boolean().optional(),
})

const upstreamPolicy = z.strictObject({
  hostHeader: z.enum(['upstream', 'client']),
  forwarding: z.enum(['x_forwarded', 'forwarded', 'none']),
  connectTimeoutMs: z.int(),
  maxConnections: z.int(),
  retries: z.int(),
  breaker: z.strictObject({ failures: z.int(), openMs: z.int() }).nullable(),
  health: z
    .strictObject({
      path: z.string(),
      intervalMs: z.int(),
      timeoutMs: z.int(),
      unhealthyAfter: z.int(),
      healthyAfter: z.int(),
    })
    .nullable(),
  certificateAuthority: z.string().max(100_000).nullable(),
})

const upstream = z
  .object({
    key: z.string(),
    targets: z.array(z.object({ url: z.string(), weight: z.int() })),
    policy: upstreamPolicy,
  })
  .meta({ id: 'Upstream' })

const upstreamBody = z.strictObject({
  targets: z.array(z.strictObject({ url: z.string(), weight: z.int().optional() })).max(64),
  policy: upstreamPolicy.partial().optional(),
})

const routeParams = z.object({ routeKey: routingKey })
const upstreamParams = z.object({ upstreamKey: routingKey })

/** Where requests go and what they cost. Shared by both modes. */
export const routingRoutes = {
  listRoutes: route({
    method: 'get',
    path: '/api/v1/routes',
    access: operator('read'),
    summary: 'All routes, in the order of their positions',
    tag,
    response: list(apiRoute),
  }),
  getRoute: route({
    method: 'get',
    path: '/api/v1/routes/{routeKey}',
    access: operator('read'),
    summary: 'One route',
    tag,
    params: routeParams,
    response: apiRoute,
  }),
  putRoute: route({
    method: 'put',
    path: '/api/v1/routes/{routeKey}',
    access: operator('settings.write'),
    summary: 'Make a route exactly this; gateways use it within a second',
    tag,
    params: routeParams,
    body: routeBody,
    response: apiRoute,
  }),
  deleteRoute: route({
    method: 'delete',
    path: '/api/v1/routes/{routeKey}',
    access: operator('settings.write'),
    summary: 'Remove a route',
    tag,
    params: routeParams,
    response: done,
  }),
  listUpstreams: route({
    method: 'get',
    path: '/api/v1/upstreams',
    access: operator('read'),
    summary: 'All upstreams',
    tag,
    response: list(upstream),
  }),
  getUpstream: route({
    method: 'get',
    path: '/api/v1/upstreams/{upstreamKey}',
    access: operator('read'),
    summary: 'One upstream',
    tag,
    params: upstreamParams,
    response: upstream,
  }),
  putUpstream: route({
    method: 'put',
    path: '/api/v1/upstreams/{upstreamKey}',
    access: operator('settings.write'),
    summary: 'Make an upstream exactly this; what is under way finishes as it began',
    tag,
    params: upstreamParams,
    body: upstreamBody,
    response: upstream,
  }),
  deleteUpstream: route({
    method: 'delete',
    path: '/api/v1/upstreams/{upstreamKey}',
    access: operator('settings.write'),
    summary: 'Remove an upstream no route leads to',
    tag,
    params: upstreamParams,
    response: done,
  }),
}

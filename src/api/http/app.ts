import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { AppError, notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { csvOf } from '../../kit/csv.ts'
import { newId } from '../../kit/id.ts'
import type { SignIn } from '../../domain/sign-in/service.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Metrics } from '../../platform/metrics.ts'
import { contract } from '../contract/contract.ts'
import { addForwardAuth, type ForwardAuthDeps } from '../decisions/forward-auth.ts'
import type { RouteDefinition } from '../contract/route.ts'
import { type Assets, assetResponse } from './assets.ts'
import type { createAuthentication } from './authenticate.ts'
import type { ErrorPages } from './error-pages.ts'
import { once } from './idempotency.ts'
import type { Implementation } from './implement.ts'
import { openApiDocument } from './openapi.ts'
import { ERROR_PAGES_PATH, problemResponse } from './problem.ts'
import { createRequestLimit } from './rate-limit.ts'
import { MAX_BODY_BYTES, readIfMatch, readInput, wantsCsv } from './read-input.ts'
import { referencePage } from './reference.ts'
import { setSecurityHeaders } from './security-headers.ts'

const REQUESTS_PER_MINUTE = 1_200
const UNLIMITED = new Set(['/api/v1/decisions', '/api/v1/events'])
const MAX_WEBHOOK_BYTES = 1024 * 1024

export interface AppDeps {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly signIn: SignIn
  readonly authenticate: ReturnType<typeof createAuthentication>
  readonly implementations: readonly Implementation[]
  readonly assets: Assets
  readonly errorPages: ErrorPages
  /** The console's address as people and programs see it. */
  readonly publicUrl: string
  readonly version: string
  /** Takes a Stripe webhook; answers when it is durable. */
  readonly receiveWebhook: (path: string, payload: Buffer, signature: string) => Promise<void>
  readonly forwardAuth: ForwardAuthDeps
  readonly isReady: () => Promise<Readonly<Record<string, boolean>>>
  /** What is done without for the moment, and how. */
  readonly gatewayState: () => Promise<GatewayState>
}

/** While a part is away the gateway serves by its routes' policies; nothing of this makes it unready. */
export interface GatewayState {
  readonly isQuotaAuthorityReachable: boolean
  readonly areCountersReachable: boolean
  readonly isUsageLogWritable: boolean
  readonly usageBacklog: number
}

interface Variables {
  Variables: { requestId: string; ip: string | null }
}

/** The console's HTTP surface: the REST API of the contract, sign-in, webhooks, health, and the two web apps. */
export function createApp(deps: AppDeps): Hono<Variables> {
  const { log, metrics } = deps
  const isSecure = deps.publicUrl.startsWith('https:')
  const app = new Hono<Variables>({ strict: false })
  const limit = createRequestLimit(deps.clock, REQUESTS_PER_MINUTE)
  const durations = metrics.histogram(
    'farebox_console_request_seconds',
    'Duration of requests to the console',
    [0.005, 0.02, 0.1, 0.5, 2],
    ['method', 'status'],
  )

  app.use(async (context, next) => {
    const requestId = newId('req')
    const startedAt = performance.now()
    context.set('requestId', requestId)
    context.set('ip', remoteAddress(context.env))
    await next()
    context.res.headers.set('x-request-id', requestId)
    setSecurityHeaders(context.res.headers, isSecure)
    const seconds = (performance.now() - startedAt) / 1000
    durations.observe(
      { method: context.req.method, status: `${Math.floor(context.res.status / 100)}xx` },
      seconds,
    )
    log.debug('request', {
      requestId,
      method: context.req.method,
      path: context.req.path,
      status: context.res.status,
      ms: Math.round(seconds * 1000),
    })
  })
  app.onError((error, context) => problemResponse(error, context.get('requestId'), deps))
  app.notFound((context) => {
    const isPage = context.req.header('accept')?.includes('text/html') === true
    return isPage
      ? context.redirect('/portal/')
      : problemResponse(notFound('page'), context.get('requestId'), deps)
  })

  addHealth(app, deps)
  addWebhooks(app, deps)
  addForwardAuth(app as unknown as Hono<never>, deps.forwardAuth)
  app.use('/api/*', (context, next) => {
    // Who keeps their own proxy asks once per call; these routes take nothing without a token.
    if (!UNLIMITED.has(context.req.path)) limit(context.get('ip') ?? 'unknown')
    return next()
  })
  app.use(
    '/api/*',
    bodyLimit({ maxSize: MAX_BODY_BYTES, onError: refuseLargeBody(MAX_BODY_BYTES) }),
  )
  for (const surface of ['portal', 'admin'] as const) {
    app.on(['GET', 'POST'], `/api/v1/auth/${surface}/*`, (context) =>
      deps.signIn.handle(surface, context.req.raw, context.get('ip')),
    )
  }
  addContract(app, deps)
  app.get('/api/openapi.json', (context) => context.json(openApiDocument(contract, deps.version)))
  app.get('/.well-known/openapi.json', (context) => context.redirect('/api/openapi.json'))
  app.get('/api/reference', (context) => context.html(referencePage(contract, deps.version)))
  app.all('/api/*', (context) => {
    throw new AppError('not_found', { what: `route ${context.req.path}` })
  })
  addPages(app, deps)
  return app
}

/** Every route of the contract, each with its implementation; one without is found out at start. */
function addContract(app: Hono<Variables>, deps: AppDeps): void {
  const { authenticate, implementations } = deps
  const byRoute = new Map(implementations.map((entry) => [entry.definition, entry]))
  const definitions: RouteDefinition[] = Object.values(contract)
  const methods = Map.groupBy(definitions, ({ path }) => path)
  for (const definition of definitions) {
    const implementation = byRoute.get(definition)
    if (implementation === undefined)
      throw new Error(`Nothing answers ${definition.method} ${definition.path}`)
    app.on(definition.method.toUpperCase(), honoPath(definition.path), async (context) => {
      const request = context.req.raw
      const requester = { requestId: context.get('requestId'), ip: context.get('ip') }
      const caller = await authenticate(definition.access, request.clone(), requester)
      const raw = {
        params: context.req.param(),
        query: context.req.query(),
        request: request.clone(),
      }
      const isTable = definition.answersCsv === true && wantsCsv(request)
      const run = async () => {
        const input = await readInput(definition, raw)
        const expectedVersion =
          definition.isVersioned === true ? readIfMatch(request.headers) : null
        const output = await implementation.handle(input, { ...caller, expectedVersion })
        const answer = definition.response.parse(output)
        const body = isTable ? csvOf((answer as { data: object[] }).data) : JSON.stringify(answer)
        return { status: definition.status ?? 200, body }
      }
      const key = definition.method === 'get' ? null : request.headers.get('idempotency-key')
      const { actor, mode } = caller.caller
      const scope = `${mode}:${'id' in actor ? actor.id : actor.kind}`
      const content = `${definition.method} ${context.req.path} ${key === null ? '' : await request.clone().text()}`
      const answer = key === null ? await run() : await once(deps, { scope, key, content }, run)
      return new Response(answer.body, {
        status: answer.status,
        headers: {
          'content-type': isTable ? 'text/csv; charset=utf-8' : 'application/json',
          'cache-control': 'no-store',
          ...('isReplay' in answer && answer.isReplay && { 'idempotent-replayed': 'true' }),
        },
      })
    })
  }
  for (const [path, known] of methods) {
    app.all(honoPath(path), (context) => {
      const allow = known.map(({ method }) => method.toUpperCase()).join(', ')
      context.header('allow', allow)
      throw new AppError('method_not_allowed', {
        path: context.req.path,
        method: context.req.method,
      })
    })
  }
}

/** Stripe's events under every path they are configured at; see `stripe-webhooks.ts` for which path means which mode. */
function addWebhooks(app: Hono<Variables>, { receiveWebhook }: AppDeps): void {
  const paths = [
    '/webhooks/stripe',
    '/webhooks/stripe/test',
    '/webhooks/stripe/live',
    '/api/webhooks/stripe',
    '/api/webhooks/stripe-test',
    '/api/v1/billing/webhook',
  ]
  for (const path of paths) {
    app.post(
      path,
      bodyLimit({ maxSize: MAX_WEBHOOK_BYTES, onError: refuseLargeBody(MAX_WEBHOOK_BYTES) }),
      async (context) => {
        const payload = Buffer.from(await context.req.arrayBuffer())
        await receiveWebhook(path, payload, context.req.header('stripe-signature') ?? '')
        return context.json({ received: true })
      },
    )
  }
}

function addHealth(
  app: Hono<Variables>,
  { isReady, gatewayState, metrics, version }: AppDeps,
): void {
  app.get('/health/live', (context) => context.json({ status: 'ok', version }))
  app.get('/health', (context) => context.redirect('/health/ready'))
  app.get('/health/ready', async (context) => {
    const [checks, gateway] = await Promise.all([isReady(), gatewayState()])
    const isFine = Object.values(checks).every(Boolean)
    const isDegraded = Object.values(gateway).includes(false)
    const status = !isFine ? 'unavailable' : isDegraded ? 'degraded' : 'ok'
    return context.json({ status, checks, gateway }, isFine ? 200 : 503)
  })
  app.get('/metrics', async (context) => {
    const { body, contentType } = await metrics.render()
    return context.body(body, 200, { 'content-type': contentType })
  })
}

function addPages(app: Hono<Variables>, { assets, errorPages }: AppDeps): void {
  app.get(`${ERROR_PAGES_PATH}/:code`, (context) => {
    const page = errorPages.find(context.req.param('code'))
    if (page === undefined) throw notFound('error code')
    return context.html(page)
  })
  app.get('/', (context) => context.redirect('/portal/'))
  for (const name of ['portal', 'admin']) {
    app.get(`/${name}/*`, (context) => {
      // The router does not tell `/portal` from `/portal/`, relative links in a page do.
      const { pathname } = new URL(context.req.url)
      if (pathname === `/${name}`) return context.redirect(`/${name}/`)
      const path = decodeURIComponent(pathname.slice(name.length + 2))
      const asset = assets.find(name, path === '' ? 'index.html' : path)
      if (asset === undefined) throw notFound('page')
      return assetResponse(asset, context.req.header('accept-encoding'))
    })
  }
}

function refuseLargeBody(limit: number): () => never {
  return () => {
    throw new AppError('body_too_large', { limit })
  }
}

function honoPath(path: string): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1')
}

/** The socket's address; behind a proxy, whoever runs it limits there. */
function remoteAddress(env: unknown): string | null {
  const { incoming } = (env ?? {}) as { incoming?: { socket?: { remoteAddress?: string } } }
  return incoming?.socket?.remoteAddress ?? null
}

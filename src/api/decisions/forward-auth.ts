import type { Hono } from 'hono'
import { AppError } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { type Instant, SECOND_MS } from '../../kit/instant.ts'
import type { DecisionAnswer, DecisionAsk, Decisions } from '../../domain/entitlements/decision.ts'
import { hasPermission } from '../../domain/operators/operator.ts'
import type { Operators } from '../../domain/operators/service.ts'

/** What proxies call for each request before they pass it on. Envoy appends the path of the request. */
export const FORWARD_AUTH_PATH = '/api/v1/forward-auth'
/** The proxy's own credential; `Authorization` is the caller's. */
const TOKEN_HEADER = 'farebox-token'
/** Asks for 403 in place of every refusal but 401. */
const DENY_HEADER = 'farebox-deny'
/** So long a proxy's token is believed without looking. */
const BELIEVE_MS = 5 * SECOND_MS
const MAX_BELIEVED = 1_000

export interface ForwardAuthDeps {
  readonly decisions: Decisions
  readonly operators: Pick<Operators, 'byToken'>
  readonly clock: Clock
}

/**
 * A decision in the shape nginx, Caddy, Traefik and Envoy ask for one: the request's head comes as headers, and the
 * status says whether to pass it on. `Farebox-Deny: 403` makes every refusal but 401 a 403, for proxies that know no
 * other; the status that was meant stands in `Farebox-Status`.
 */
export function addForwardAuth(app: Hono<never>, deps: ForwardAuthDeps): void {
  const { decisions } = deps
  const isTrusted = createTrust(deps)

  for (const path of [FORWARD_AUTH_PATH, `${FORWARD_AUTH_PATH}/*`]) {
    app.all(path, async (context) => {
      const { raw: request } = context.req
      await isTrusted(request.headers.get(TOKEN_HEADER) ?? '')
      const answer = await decisions.decide(askOf(request))
      return toResponse(answer, request.headers.get(DENY_HEADER) === '403')
    })
  }
}

function createTrust({ operators, clock }: ForwardAuthDeps): (token: string) => Promise<void> {
  const believed = new Map<string, Instant>()
  return async (token) => {
    const now = clock.now()
    if (now < (believed.get(token) ?? 0)) return
    const operator = await operators.byToken(token)
    if (operator === undefined) {
      believed.delete(token)
      throw new AppError('token_invalid', {})
    }
    const permission = 'usage.write'
    if (!hasPermission(operator.roles, permission)) {
      throw new AppError('permission_missing', { permission })
    }
    if (believed.size >= MAX_BELIEVED) believed.clear()
    believed.set(token, now + BELIEVE_MS)
  }
}

function askOf({ headers, method, url }: Request): DecisionAsk {
  const first = (...names: readonly string[]): string | undefined =>
    names.map((name) => headers.get(name) ?? '').find((value) => value !== '')
  return {
    key: keyOf(headers),
    method: (first('x-forwarded-method', 'x-original-method') ?? method).toUpperCase(),
    host: first('x-forwarded-host', 'x-original-host', 'host') ?? '',
    path: pathOf(first('x-forwarded-uri', 'x-original-uri', 'x-original-url'), url),
    // The last address is the one the proxy itself saw; whatever stands before it is the client's word.
    address: first('x-real-ip') ?? first('x-forwarded-for')?.split(',').at(-1)?.trim() ?? '',
    meters: null,
    featureKey: null,
    isConsuming: true,
  }
}

/** `X-API-Key` wins over `Authorization`, as in the gateway. */
function keyOf(headers: Headers): string | null {
  const apiKey = headers.get('x-api-key')
  if (apiKey !== null) return apiKey
  return /^bearer +(\S+)$/i.exec(headers.get('authorization') ?? '')?.[1] ?? null
}

function pathOf(told: string | undefined, url: string): string {
  const { pathname, search } = new URL(url)
  if (told === undefined) return `${pathname.slice(FORWARD_AUTH_PATH.length)}${search}` || '/'
  if (!/^https?:\/\//i.test(told)) return told
  const absolute = new URL(told)
  return absolute.pathname + absolute.search
}

function toResponse(answer: DecisionAnswer, isDenyOnly: boolean): Response {
  const { isAllowed, status, headers, upstreamHeaders, problem } = answer
  const response = new Headers(
    [...headers, ...upstreamHeaders].map(([name, value]) => [name, value]),
  )
  if (isAllowed) return new Response(null, { status: 200, headers: response })
  response.set('farebox-status', String(status))
  response.set('farebox-code', String(problem?.['code']))
  return new Response(JSON.stringify(problem), {
    status: isDenyOnly && status !== 401 ? 403 : status,
    headers: response,
  })
}

import type { FieldError } from '../../errors.ts'
import { parseDecimal } from '../../kit/decimal.ts'
import { canonicalPath } from './path.ts'
import type {
  ConcurrencyLimit,
  CostRule,
  Route,
  RouteMatch,
  RouteRateLimit,
  Routing,
  Upstream,
  UpstreamPolicy,
} from './route.ts'
import { parseStatusCodes } from './status-codes.ts'

const KEY = /^[a-z0-9_-]{1,64}$/
const HOST = /^(?:\*\.)?[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$|^\[[0-9a-f:.]+\]$/
const METHOD = /^[A-Z][A-Z-]{0,31}$/
const FIELD_NAME = /^[A-Za-z0-9!#$%&'*+.^_`|~-]{1,64}$/
const PROPERTY = /^[\w$-]+(?:\.[\w$-]+){0,15}$/
const LONGEST_TIMEOUT_MS = 3_600_000
const LONGEST_WINDOW_SECONDS = 30 * 86_400
const MAX_TARGETS = 64
const MAX_ROUTES = 10_000
const METERS_PER_ROUTE = 16

/** Everything that is wrong, at once; empty when gateways can use it as it stands. */
export function validateRouting({ upstreams, routes }: Routing): FieldError[] {
  const problems = new Problems()
  const upstreamKeys = new Set(upstreams.map(({ key }) => key))
  problems.when(routes.length > MAX_ROUTES, 'routes', `at most ${MAX_ROUTES} routes`)
  for (const [index, upstream] of upstreams.entries()) {
    checkUpstream(problems.at(`upstreams[${index}]`), upstream)
  }
  for (const [index, route] of routes.entries()) {
    const own = problems.at(`routes[${index}]`)
    checkRoute(own, route)
    own.when(
      !upstreamKeys.has(route.upstreamKey),
      'upstreamKey',
      `there is no upstream "${route.upstreamKey}"`,
    )
  }
  reportRepeated(problems, 'upstreams', upstreams)
  reportRepeated(problems, 'routes', routes)
  return problems.found
}

function checkUpstream(problems: Problems, { key, targets, policy }: Upstream): void {
  problems.when(!KEY.test(key), 'key', 'use 1 to 64 of a-z, 0-9, - and _')
  problems.when(targets.length === 0, 'targets', 'name at least one target')
  problems.when(targets.length > MAX_TARGETS, 'targets', `at most ${MAX_TARGETS} targets`)
  for (const [index, { url, weight }] of targets.entries()) {
    problems.when(!isTargetUrl(url), `targets[${index}].url`, TARGET_URL_RULE)
    problems.when(!isWhole(weight, 1, 1_000), `targets[${index}].weight`, 'from 1 to 1000')
  }
  checkUpstreamPolicy(problems, policy)
}

const TARGET_URL_RULE = 'write http:// or https://, host and base path, no query and no credentials'

function isTargetUrl(text: string): boolean {
  if (!URL.canParse(text)) return false
  const { protocol, username, password, search, hash, pathname } = new URL(text)
  const isPlain = [username, password, search, hash].every((part) => part === '')
  return /^https?:$/.test(protocol) && isPlain && canonicalPath(pathname) !== undefined
}

function checkUpstreamPolicy(problems: Problems, policy: UpstreamPolicy): void {
  const { connectTimeoutMs, maxConnections, retries, breaker, health, certificateAuthority } =
    policy
  problems.when(
    !isWhole(connectTimeoutMs, 10, 60_000),
    'policy.connectTimeoutMs',
    'from 10 to 60000',
  )
  problems.when(!isWhole(maxConnections, 1, 10_000), 'policy.maxConnections', 'from 1 to 10000')
  problems.when(!isWhole(retries, 0, 5), 'policy.retries', 'from 0 to 5')
  if (breaker !== null) {
    const { failures, openMs } = breaker
    problems.when(!isWhole(failures, 1, 1_000), 'policy.breaker.failures', 'from 1 to 1000')
    problems.when(!isWhole(openMs, 100, 600_000), 'policy.breaker.openMs', 'from 100 to 600000')
  }
  if (health !== null) {
    const own = problems.at('policy.health')
    own.when(canonicalPath(health.path) === undefined, 'path', 'write an absolute path')
    own.when(!isWhole(health.intervalMs, 100, 600_000), 'intervalMs', 'from 100 to 600000')
    own.when(!isWhole(health.timeoutMs, 10, 60_000), 'timeoutMs', 'from 10 to 60000')
    own.when(!isWhole(health.unhealthyAfter, 1, 100), 'unhealthyAfter', 'from 1 to 100')
    own.when(!isWhole(health.healthyAfter, 1, 100), 'healthyAfter', 'from 1 to 100')
  }
  problems.when(
    certificateAuthority !== null && !certificateAuthority.includes('BEGIN CERTIFICATE'),
    'policy.certificateAuthority',
    'paste certificates in PEM',
  )
}

function checkRoute(problems: Problems, route: Route): void {
  const { key, match, host, methods, rewrite, position } = route
  problems.when(!KEY.test(key), 'key', 'use 1 to 64 of a-z, 0-9, - and _')
  problems.when(!isWhole(position, 0, 1_000_000), 'position', 'from 0 to 1000000')
  problems.when(!isMatchPath(match), 'match.path', MATCH_RULES[match.kind])
  problems.when(host !== null && !HOST.test(host), 'host', 'a host name in lower case, no port')
  problems.when(
    !methods.every((method) => METHOD.test(method)) || new Set(methods).size < methods.length,
    'methods',
    'upper-case method names, each once',
  )
  problems.when(
    rewrite !== null && canonicalPath(rewrite.replaceAll(/\{\w+\}|\*$/g, 'x')) === undefined,
    'rewrite',
    'write an absolute path',
  )
  checkRoutePolicy(problems.at('policy'), route)
}

const MATCH_RULES = {
  exact: 'write an absolute path',
  prefix: 'write an absolute path without a slash at its end',
  pattern: 'write an absolute path of literal segments and {names}, each name once',
} as const

function isMatchPath({ kind, path }: RouteMatch): boolean {
  if (kind !== 'pattern') {
    const hasSlashAtEnd = path.length > 1 && path.endsWith('/')
    return canonicalPath(path) === path && !(kind === 'prefix' && hasSlashAtEnd)
  }
  const segments = path.split('/').slice(1)
  const names = segments.filter((segment) => segment.startsWith('{'))
  return (
    path.startsWith('/') &&
    canonicalPath(path.replaceAll(/[{}*]/g, 'x')) !== undefined &&
    names.every((name) => /^\{\w+\}$/.test(name)) &&
    new Set(names).size === names.length &&
    segments.every((segment, i) => segment !== '*' || i === segments.length - 1)
  )
}

function checkRoutePolicy(problems: Problems, { policy }: Route): void {
  const meters = Object.entries(policy.meters)
  for (const [meterKey, units] of meters) {
    problems.when(!isAmount(units), `meters.${meterKey}`, 'a decimal of at least 0')
  }
  const metered = new Set([...Object.keys(policy.meters), ...policy.costs.map((c) => c.meterKey)])
  problems.when(metered.size > METERS_PER_ROUTE, 'meters', `at most ${METERS_PER_ROUTE} meters`)
  for (const [index, cost] of policy.costs.entries()) {
    checkCost(problems.at(`costs[${index}]`), cost)
  }
  const isPaid = policy.featureKey !== null || policy.scope !== null || metered.size > 0
  problems.when(policy.isPublic && isPaid, 'isPublic', 'a public route has no meters and features')
  problems.when(
    parseStatusCodes(policy.meterOnStatusCodes) === undefined,
    'meterOnStatusCodes',
    'write statuses and ranges from 100 to 599: 200-299,304',
  )
  problems.when(
    !isWhole(policy.timeoutMs, 10, LONGEST_TIMEOUT_MS),
    'timeoutMs',
    'from 10 ms to 1 h',
  )
  for (const [index, limit] of policy.rateLimits.entries()) {
    checkRateLimit(problems.at(`rateLimits[${index}]`), limit, policy.isPublic)
  }
  for (const [index, limit] of policy.concurrencyLimits.entries()) {
    checkLimit(problems.at(`concurrencyLimits[${index}]`), limit, policy.isPublic)
  }
}

function checkCost(problems: Problems, { source, factor, estimate }: CostRule): void {
  problems.when(!isAmount(factor), 'factor', 'a decimal of at least 0')
  problems.when(!isAmount(estimate), 'estimate', 'a decimal of at least 0')
  if (source.kind === 'response_header') {
    problems.when(!FIELD_NAME.test(source.name), 'source.name', 'the name of a header')
  }
  if (source.kind === 'json' || source.kind === 'sse_json') {
    problems.when(!PROPERTY.test(source.property), 'source.property', 'write usage.total_tokens')
  }
}

function checkRateLimit(problems: Problems, limit: RouteRateLimit, isPublic: boolean): void {
  checkLimit(problems, limit, isPublic)
  problems.when(
    !isWhole(limit.windowSeconds, 1, LONGEST_WINDOW_SECONDS),
    'windowSeconds',
    'from 1 second to 30 days',
  )
  problems.when(
    limit.burst !== null && !isWhole(limit.burst, 1, 1_000_000_000),
    'burst',
    'at least 1',
  )
}

type AnyLimit = RouteRateLimit | ConcurrencyLimit

function checkLimit(problems: Problems, { name, limit, scope }: AnyLimit, isPublic: boolean): void {
  problems.when(!KEY.test(name), 'name', 'use 1 to 64 of a-z, 0-9, - and _')
  problems.when(!isWhole(limit, 1, 1_000_000_000), 'limit', 'at least 1')
  problems.when(
    isPublic && !['route', 'address'].includes(scope),
    'scope',
    'a public route knows only the scopes route and address',
  )
}

function isWhole(value: number, least: number, most: number): boolean {
  return Number.isSafeInteger(value) && value >= least && value <= most
}

function isAmount(text: string): boolean {
  const value = parseDecimal(text)
  return value !== undefined && value >= 0n
}

function reportRepeated(
  problems: Problems,
  path: string,
  list: readonly { readonly key: string }[],
): void {
  const seen = new Set<string>()
  for (const [index, { key }] of list.entries()) {
    problems.when(seen.has(key), `${path}[${index}].key`, `"${key}" is there twice`)
    seen.add(key)
  }
}

/** Collects what is wrong under a path. */
class Problems {
  readonly found: FieldError[]
  readonly #prefix: string

  constructor(found: FieldError[] = [], prefix = '') {
    this.found = found
    this.#prefix = prefix
  }

  at(path: string): Problems {
    return new Problems(this.found, `${this.#prefix}${path}.`)
  }

  when(isWrong: boolean, path: string, message: string): void {
    if (isWrong) this.found.push({ path: this.#prefix + path, message })
  }
}

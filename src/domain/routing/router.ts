import type { Route } from './route.ts'

/** What a path was matched to. `status` tells 404 from 405. */
export type Routed =
  | { readonly kind: 'found'; readonly route: Route; readonly path: string }
  | { readonly kind: 'wrong_method'; readonly allowed: readonly string[] }
  | { readonly kind: 'not_found' }

export interface Router {
  /** `host` in lower case without a port; `path` canonical, without its query. */
  find(host: string, method: string, path: string): Routed
}

interface Rule {
  readonly route: Route
  readonly host: HostRule
  /** The path as the upstream gets it, or undefined when the rule does not take the path. */
  rewrite(path: string): string | undefined
}

type HostRule = (host: string) => boolean

const NOT_FOUND: Routed = { kind: 'not_found' }
/** Rules without a literal first segment stand under this key, which no path has. */
const ANY_SEGMENT = ''

/**
 * Routes in order of position, then of how much of the path they name, then of key: the order is total, so that every
 * gateway decides alike. Rules are grouped by the first segment so that a long list costs no more than a short one.
 */
export function createRouter(routes: readonly Route[]): Router {
  const rules = routes
    .filter(({ isEnabled }) => isEnabled)
    .toSorted(byPrecedence)
    .map(toRule)
  const groups = groupByFirstSegment(rules)
  const others = rules.filter(({ route }) => literalSegment(route) === ANY_SEGMENT)

  return {
    find(host, method, path) {
      const candidates = groups.get(firstSegment(path)) ?? others
      let allowed: string[] | undefined
      for (const rule of candidates) {
        const rewritten = rule.host(host) ? rule.rewrite(path) : undefined
        if (rewritten === undefined) continue
        const { methods } = rule.route
        if (methods.length === 0 || methods.includes(method)) {
          return { kind: 'found', route: rule.route, path: rewritten }
        }
        allowed = [...(allowed ?? []), ...methods]
      }
      return allowed === undefined ? NOT_FOUND : { kind: 'wrong_method', allowed }
    },
  }
}

const KINDS = { exact: 0, pattern: 1, prefix: 2 } as const

function byPrecedence(a: Route, b: Route): number {
  return (
    a.position - b.position ||
    KINDS[a.match.kind] - KINDS[b.match.kind] ||
    b.match.path.length - a.match.path.length ||
    Number(a.host === null) - Number(b.host === null) ||
    (a.key < b.key ? -1 : 1)
  )
}

function groupByFirstSegment(rules: readonly Rule[]): Map<string, Rule[]> {
  const segments = new Set(rules.map(({ route }) => literalSegment(route)))
  segments.delete(ANY_SEGMENT)
  return new Map(
    [...segments].map((segment) => [
      segment,
      rules.filter(({ route }) => [segment, ANY_SEGMENT].includes(literalSegment(route))),
    ]),
  )
}

function firstSegment(path: string): string {
  const end = path.indexOf('/', 1)
  return end < 0 ? path.slice(1) : path.slice(1, end)
}

/** The first segment when it can only be this one. `/` as an exact path has the empty first segment of its own. */
function literalSegment({ match }: Route): string {
  const segment = firstSegment(match.path)
  return match.kind === 'pattern' && isVariable(segment) ? ANY_SEGMENT : segment
}

function isVariable(segment: string): boolean {
  return segment === '*' || segment.startsWith('{')
}

function toRule(route: Route): Rule {
  return { route, host: hostRule(route.host), rewrite: pathRule(route) }
}

function hostRule(host: string | null): HostRule {
  if (host === null) return () => true
  if (!host.startsWith('*.')) return (asked) => asked === host
  const suffix = host.slice(1)
  return (asked) => asked.length > suffix.length && asked.endsWith(suffix)
}

function pathRule({ match, rewrite }: Route): Rule['rewrite'] {
  switch (match.kind) {
    case 'exact':
      return (path) => (path === match.path ? (rewrite ?? path) : undefined)
    case 'prefix':
      return prefixRule(match.path, rewrite)
    case 'pattern':
      return patternRule(match.path, rewrite)
  }
}

function prefixRule(prefix: string, rewrite: string | null): Rule['rewrite'] {
  const base = prefix === '/' ? '' : prefix
  const replacement = rewrite === '/' ? '' : rewrite
  return (path) => {
    if (!path.startsWith(base)) return undefined
    if (path.length > base.length && path[base.length] !== '/') return undefined
    if (replacement === null) return path
    const rewritten = replacement + path.slice(base.length)
    return rewritten === '' ? '/' : rewritten
  }
}

function patternRule(pattern: string, rewrite: string | null): Rule['rewrite'] {
  const segments = pattern.split('/').slice(1)
  const takesRest = segments.at(-1) === '*'
  if (takesRest) segments.pop()
  return (path) => {
    const parts = path.split('/').slice(1)
    if (takesRest ? parts.length < segments.length : parts.length !== segments.length) {
      return undefined
    }
    const values: Record<string, string> = {}
    for (const [index, segment] of segments.entries()) {
      const part = parts[index] ?? ''
      if (!isVariable(segment)) {
        if (segment !== part) return undefined
      } else if (part === '') return undefined
      else values[segment.slice(1, -1)] = part
    }
    if (rewrite === null) return path
    const rest = parts.slice(segments.length).join('/')
    return rewrite
      .replaceAll(/\{(\w+)\}/g, (_, name: string) => values[name] ?? '')
      .replace(/\*$/, rest)
  }
}

import { AppError, type FieldError, invalidRequest, notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Route, Routing, Upstream } from './route.ts'
import * as store from './store.ts'
import { validateRouting } from './validate-routing.ts'

/** Where gateways get routes and upstreams from; `AccessChange` of kind `routes` says that there are new ones. */
export interface RoutingSource {
  current(): Promise<Routing>
}

interface RoutingDeps {
  readonly database: Database
  readonly clock: Clock
  readonly audit: Audit
  readonly accessChanges: Pick<AccessChanges, 'announceChange'>
}

export type RoutingService = ReturnType<typeof createRouting>

export function createRouting({ database, clock, audit, accessChanges }: RoutingDeps) {
  async function read(db: Db): Promise<Routing> {
    const [upstreams, routes] = [await store.listUpstreams(db), await store.listRoutes(db)]
    return { upstreams, routes }
  }

  /**
   * One edit of the whole: what it would become is validated before anything is written, so gateways never see a
   * route without its upstream.
   */
  async function edit(
    caller: Caller,
    target: { kind: 'route' | 'upstream' | 'routing'; id: string; action: string },
    change: (before: Routing) => Routing,
  ): Promise<Routing> {
    return database.transaction(async (tx) => {
      const before = await read(tx)
      const after = change(before)
      const problems = validateRouting(after)
      if (problems.length > 0) throw invalidRequest(asSent(problems, after, target))
      const hasChanged = await apply(tx, before, after)
      if (!hasChanged) return before
      await accessChanges.announceChange(tx, { kind: 'routes' })
      await audit.record(tx, caller, {
        action: target.action,
        targetKind: target.kind,
        targetId: target.id,
        before: pick(before, target),
        after: pick(after, target),
      })
      return read(tx)
    })
  }

  async function apply(tx: Db, before: Routing, after: Routing): Promise<boolean> {
    const now = clock.now()
    const upstreams = difference(before.upstreams, after.upstreams)
    const routes = difference(before.routes, after.routes)
    for (const upstream of upstreams.changed) await store.saveUpstream(tx, upstream, now)
    await store.removeRoutes(tx, routes.removed)
    for (const route of routes.changed) await store.saveRoute(tx, route, now)
    await store.removeUpstreams(tx, upstreams.removed)
    return [upstreams, routes].some((d) => d.changed.length + d.removed.length > 0)
  }

  return {
    current: (): Promise<Routing> => read(database.db),

    /** Makes routes and upstreams exactly these, as a configuration file says them. Nothing changed: nothing happens. */
    replace: (caller: Caller, routing: Routing): Promise<Routing> =>
      edit(
        caller,
        { kind: 'routing', id: 'configuration', action: 'routing.replaced' },
        () => routing,
      ),

    async saveRoute(caller: Caller, route: Route): Promise<Route> {
      const target = { kind: 'route', id: route.key, action: 'route.saved' } as const
      await edit(caller, target, (before) => ({ ...before, routes: put(before.routes, route) }))
      return route
    },

    async saveUpstream(caller: Caller, upstream: Upstream): Promise<Upstream> {
      const target = { kind: 'upstream', id: upstream.key, action: 'upstream.saved' } as const
      await edit(caller, target, (before) => ({
        ...before,
        upstreams: put(before.upstreams, upstream),
      }))
      return upstream
    },

    async removeRoute(caller: Caller, key: string): Promise<void> {
      const target = { kind: 'route', id: key, action: 'route.removed' } as const
      await edit(caller, target, (before) => ({
        ...before,
        routes: remove(before.routes, key, 'route'),
      }))
    },

    async removeUpstream(caller: Caller, key: string): Promise<void> {
      const target = { kind: 'upstream', id: key, action: 'upstream.removed' } as const
      await edit(caller, target, (before) => {
        const user = before.routes.find(({ upstreamKey }) => upstreamKey === key)
        if (user !== undefined) {
          throw new AppError('upstream_in_use', { upstream: key, route: user.key })
        }
        return { ...before, upstreams: remove(before.upstreams, key, 'upstream') }
      })
    },
  }
}

interface Keyed {
  readonly key: string
}

function put<T extends Keyed>(list: readonly T[], item: T): T[] {
  return list.some(({ key }) => key === item.key)
    ? list.map((old) => (old.key === item.key ? item : old))
    : [...list, item]
}

function remove<T extends Keyed>(list: readonly T[], key: string, what: string): T[] {
  const rest = list.filter((item) => item.key !== key)
  if (rest.length === list.length) throw notFound(what)
  return rest
}

function difference<T extends Keyed>(before: readonly T[], after: readonly T[]) {
  const old = new Map(before.map((item) => [item.key, canonicalJson(item)]))
  const kept = new Set(after.map(({ key }) => key))
  return {
    changed: after.filter((item) => old.get(item.key) !== canonicalJson(item)),
    removed: before.filter(({ key }) => !kept.has(key)).map(({ key }) => key),
  }
}

/** The same text for the same value: the database returns the members of a JSON object in an order of its own. */
function canonicalJson(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    typeof member === 'object' && member !== null && !Array.isArray(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  )
}

/** Whoever sends one route or upstream reads the paths of its own members, not where it stands in the whole. */
function asSent(
  problems: readonly FieldError[],
  { routes, upstreams }: Routing,
  { kind, id }: { readonly kind: string; readonly id: string },
): FieldError[] {
  const list: readonly Keyed[] = kind === 'route' ? routes : kind === 'upstream' ? upstreams : []
  const own = `${kind}s[${list.findIndex(({ key }) => key === id)}].`
  return problems.map(({ path, message }) => ({
    path: path.startsWith(own) ? path.slice(own.length) : path,
    message,
  }))
}

function pick(routing: Routing, target: { kind: string; id: string }): unknown {
  switch (target.kind) {
    case 'route':
      return routing.routes.find(({ key }) => key === target.id) ?? null
    case 'upstream':
      return routing.upstreams.find(({ key }) => key === target.id) ?? null
    default:
      return routing
  }
}

import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import {
  DEFAULT_ROUTE_POLICY,
  DEFAULT_UPSTREAM_POLICY,
  type Route,
  type RoutePolicy,
  type Upstream,
  type UpstreamPolicy,
  type UpstreamTarget,
} from './route.ts'

export async function listUpstreams(db: Db): Promise<Upstream[]> {
  const rows = await db.selectFrom('upstreams').selectAll().orderBy('key').execute()
  return rows.map(upstreamFromRow)
}

export async function listRoutes(db: Db): Promise<Route[]> {
  const rows = await db
    .selectFrom('routes')
    .selectAll()
    .orderBy('position')
    .orderBy('key')
    .execute()
  return rows.map(routeFromRow)
}

export async function saveUpstream(tx: Db, upstream: Upstream, now: Instant): Promise<void> {
  const values = {
    targets: JSON.stringify(upstream.targets),
    policy: JSON.stringify(upstream.policy),
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('upstreams')
    .values({ key: upstream.key, createdAt: new Date(now), ...values })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
    .execute()
}

export async function saveRoute(tx: Db, route: Route, now: Instant): Promise<void> {
  const values = {
    position: route.position,
    matchKind: route.match.kind,
    path: route.match.path,
    methods: [...route.methods],
    host: route.host,
    upstreamKey: route.upstreamKey,
    rewrite: route.rewrite,
    policy: JSON.stringify(route.policy),
    isEnabled: route.isEnabled,
    updatedAt: new Date(now),
  }
  await tx
    .insertInto('routes')
    .values({ key: route.key, createdAt: new Date(now), ...values })
    .onConflict((conflict) => conflict.column('key').doUpdateSet(values))
    .execute()
}

export async function removeRoutes(tx: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.deleteFrom('routes').where('key', 'in', keys).execute()
}

export async function removeUpstreams(tx: Db, keys: readonly string[]): Promise<void> {
  if (keys.length === 0) return
  await tx.deleteFrom('upstreams').where('key', 'in', keys).execute()
}

/** What a policy written by an earlier version does not mention has today's default. */
function upstreamFromRow(row: Selectable<Tables['upstreams']>): Upstream {
  return {
    key: row.key,
    targets: row.targets as UpstreamTarget[],
    policy: { ...DEFAULT_UPSTREAM_POLICY, ...(row.policy as Partial<UpstreamPolicy>) },
  }
}

function routeFromRow(row: Selectable<Tables['routes']>): Route {
  return {
    key: row.key,
    position: row.position,
    match: { kind: row.matchKind, path: row.path },
    host: row.host,
    methods: row.methods,
    upstreamKey: row.upstreamKey,
    rewrite: row.rewrite,
    policy: { ...DEFAULT_ROUTE_POLICY, ...(row.policy as Partial<RoutePolicy>) },
    isEnabled: row.isEnabled,
  }
}

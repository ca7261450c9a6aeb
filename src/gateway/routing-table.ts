import type { Route, Routing } from '../domain/routing/route.ts'
import { createRouter, type Router } from '../domain/routing/router.ts'
import { parseStatusCodes, type StatusCodes } from '../domain/routing/status-codes.ts'
import type { UpstreamGroup, Upstreams } from './upstreams/upstreams.ts'

/** A route with what requests need of it worked out. */
export interface RouteEntry {
  /** The state of the routing it belongs to, and its place there. */
  readonly table: object
  readonly index: number
  readonly route: Route
  readonly upstream: UpstreamGroup
  readonly billedStatuses: StatusCodes
  /** Something has to be read from the bodies, which only the slow lane does. */
  readonly readsBodies: boolean
}

/** One state of the routing. Requests keep the table they began with. */
export interface RoutingTable {
  readonly router: Router
  readonly size: number
  entryOf(route: Route): RouteEntry
}

export function createRoutingTable({ routes }: Routing, upstreams: Upstreams): RoutingTable {
  const table = {}
  const entries = new Map<Route, RouteEntry>()
  for (const route of routes) {
    const upstream = upstreams.find(route.upstreamKey)
    const billedStatuses = parseStatusCodes(route.policy.meterOnStatusCodes)
    // Both are checked when a routing is saved; a route that is broken nevertheless takes no requests.
    if (upstream === undefined || billedStatuses === undefined) continue
    entries.set(route, {
      table,
      index: entries.size,
      route,
      upstream,
      billedStatuses,
      readsBodies: route.policy.costs.length > 0,
    })
  }
  const router = createRouter([...entries.keys()])
  return {
    router,
    size: entries.size,
    entryOf(route) {
      const entry = entries.get(route)
      if (entry === undefined) throw new Error(`The route ${route.key} is not in this table`)
      return entry
    },
  }
}

/** For an entry that stands in no table: its terms are worked out for each request. */
export const OWN_TERMS = { table: {}, index: -1 }

export const EMPTY_ROUTING: Routing = { upstreams: [], routes: [] }

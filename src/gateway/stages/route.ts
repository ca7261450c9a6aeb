import { canonicalPath } from '../../domain/routing/path.ts'
import { type Exchange, PASSED, refuse, type Stage } from '../exchange.ts'
import type { RoutingTable } from '../routing-table.ts'

/**
 * 1. Which API is asked for, and what does it cost? First, because everything after depends on the route: whether a key
 * is needed, what is entitled, metered and limited. Costs no look-up and no wait.
 */
export function createRouteStage(table: () => RoutingTable): Stage {
  return (exchange: Exchange) => {
    const path = canonicalPath(exchange.path)
    if (path === undefined) return refuse(exchange, 'ambiguous_path', {})
    exchange.path = path
    const current = table()
    const routed = current.router.find(exchange.host, exchange.method, path)
    switch (routed.kind) {
      case 'not_found':
        return refuse(exchange, 'route_not_found', {})
      case 'wrong_method':
        return refuse(
          exchange,
          'method_not_allowed',
          { path, method: exchange.method },
          { allow: routed.allowed },
        )
      case 'found':
        exchange.route = current.entryOf(routed.route)
        exchange.upstreamPath = routed.path
        return PASSED
    }
  }
}

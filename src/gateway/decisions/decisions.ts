import type { DecisionAnswer, DecisionAsk, Decisions } from '../../domain/entitlements/decision.ts'
import { type Route, routeFrom, upstreamFrom } from '../../domain/routing/route.ts'
import { type Decimal, formatDecimal } from '../../kit/decimal.ts'
import { type Exchange, PASSED, type Stage, type Verdict, WAITING } from '../exchange.ts'
import { hostName, pairsOf } from '../headers.ts'
import type { Pipeline } from '../pipeline.ts'
import type { Refusals } from '../refusal.ts'
import { OWN_TERMS, type RouteEntry } from '../routing-table.ts'
import type { Meter } from '../stages/meter.ts'
import type { DecisionMemory } from './memory.ts'

interface DecisionsDeps {
  /** The same stages as for requests, but for finding the route. */
  readonly pipeline: Pipeline
  readonly meter: Meter
  readonly refusals: Refusals
  readonly memory: DecisionMemory
}

/**
 * Decides about requests that somebody else's proxy passes on. They go through the same stages, take from the same
 * limits and quotas and are recorded in the same log. The answer is not known here, so what is allowed counts as
 * answered with 200, costs that only the answer tells are not counted, and a place under a concurrency limit is free
 * again at once.
 */
export function createDecisions(deps: DecisionsDeps): Decisions {
  const { pipeline, meter, refusals, memory } = deps

  return {
    decide: (ask) =>
      new Promise((resolve) => {
        const finish = (exchange: Exchange, verdict: Verdict): void => {
          if (verdict !== PASSED) {
            meter.settle(exchange, 0, true)
            resolve(refused(exchange))
          } else if (meter.settle(exchange, 200, true)) {
            meter.afterWrite({ written: () => resolve(allowed(exchange)) })
          } else resolve(allowed(exchange))
        }
        const exchange = pipeline.newExchange({ decided: (verdict) => finish(exchange, verdict) })
        fill(exchange, ask)
        const verdict = pipeline.decide(exchange)
        if (verdict !== WAITING) finish(exchange, verdict)
      }),
    explain: (requestId) => Promise.resolve(memory.explain(requestId)),
  }

  function allowed(exchange: Exchange): DecisionAnswer {
    return {
      ...whose(exchange),
      isAllowed: true,
      status: 200,
      headers: fieldsOf(exchange.answerLines),
      upstreamHeaders: fieldsOf(exchange.access?.identityLines ?? ''),
      problem: null,
    }
  }

  function refused(exchange: Exchange): DecisionAnswer {
    if (exchange.refusal === null) throw new Error('A refused request has a refusal')
    const { status, headerLines, body } = refusals.render(exchange, exchange.refusal)
    return {
      ...whose(exchange),
      isAllowed: false,
      status,
      headers: fieldsOf(headerLines),
      upstreamHeaders: [],
      problem: JSON.parse(body) as Record<string, unknown>,
    }
  }
}

function whose({ id, access, route }: Exchange) {
  const record = access?.record
  return {
    requestId: id,
    mode: record?.mode ?? null,
    keyId: record?.keyId ?? null,
    customerId: record?.customerId ?? null,
    subscriptionId: record?.subscriptionId ?? null,
    planKey: record?.planKey ?? null,
    routeKey: route === null || route.route.key === WITHOUT_ROUTE ? null : route.route.key,
  }
}

function fieldsOf(lines: string): [string, string][] {
  const pairs = pairsOf(lines)
  return Array.from({ length: pairs.length / 2 }, (_, i) => [
    pairs[2 * i] ?? '',
    pairs[2 * i + 1] ?? '',
  ])
}

function fill(exchange: Exchange, ask: DecisionAsk): void {
  const { key, method, host, path, address } = ask
  const target = path ?? '/'
  const queryAt = target.indexOf('?')
  exchange.ask = ask
  exchange.method = method
  exchange.authority = host
  exchange.host = hostName(host)
  exchange.path = queryAt < 0 ? target : target.slice(0, queryAt)
  exchange.query = queryAt < 0 ? '' : target.slice(queryAt)
  exchange.credentialKind = key === null ? 'none' : 'key'
  exchange.credential = key ?? ''
  exchange.address = address
  exchange.peerAddress = address
}

/** Usage of decisions without a route is counted under this key. */
const WITHOUT_ROUTE = 'decisions'
const EVERY_STATUS = new Uint8Array(600).fill(1)
const NOWHERE = upstreamFrom({ key: WITHOUT_ROUTE, targets: [] })

/** Finds the route of a decision: the one a request would have taken, with what was asked for besides. */
export function createAskedRouteStage(route: Stage): Stage {
  return (exchange) => {
    const { ask } = exchange
    if (ask === null) return route(exchange)
    if (ask.path === null) {
      exchange.route = entryFor(ask)
      return PASSED
    }
    const verdict = route(exchange)
    const found = exchange.route
    const isChanged = ask.meters !== null || ask.featureKey !== null
    if (verdict === PASSED && found !== null && isChanged) {
      exchange.route = { ...found, ...OWN_TERMS, route: withAsked(found.route, ask) }
    }
    return verdict
  }
}

function entryFor(ask: DecisionAsk): RouteEntry {
  const route = routeFrom({
    key: WITHOUT_ROUTE,
    match: { kind: 'prefix', path: '/' },
    upstreamKey: WITHOUT_ROUTE,
  })
  return {
    ...OWN_TERMS,
    route: withAsked(route, ask),
    upstream: { upstream: NOWHERE, targets: [], checks: null, choose: () => null },
    billedStatuses: EVERY_STATUS,
    readsBodies: false,
  }
}

function withAsked(route: Route, { meters, featureKey }: DecisionAsk): Route {
  const { policy } = route
  return {
    ...route,
    policy: {
      ...policy,
      featureKey: featureKey ?? policy.featureKey,
      ...(meters === null ? {} : { meters: textsOf(meters), costs: [] }),
    },
  }
}

function textsOf(meters: Readonly<Record<string, Decimal>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(meters).map(([key, units]) => [key, formatDecimal(units)]),
  )
}

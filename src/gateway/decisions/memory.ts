import type {
  DecisionExplanation,
  DecisionStage,
  NotBilledReason,
} from '../../domain/entitlements/decision.ts'
import { AppError, type ErrorCode, type ErrorParams } from '../../errors.ts'
import { add, type Decimal, decimal, formatDecimal } from '../../kit/decimal.ts'
import { costOf } from '../../domain/credits/spending/purses.ts'
import type { CreditPart } from '../limits/credit-parts.ts'
import { fromMicros } from '../limits/units.ts'
import type { KeyAccess } from '../access/key-access.ts'
import type { Terms } from '../access/terms.ts'
import type { Exchange, GatewayRefusal } from '../exchange.ts'
import { statusOf } from '../refusal.ts'
import type { RequestIds } from '../request-id.ts'
import type { RouteEntry } from '../routing-table.ts'

/** The last requests of a process, for whoever asks what became of one. */
export interface DecisionMemory {
  /** Once per request, when it is settled. */
  note(exchange: Exchange, outcome: Outcome, status: number, costs: readonly Decimal[]): void
  explain(requestId: string): DecisionExplanation | undefined
}

/** A number, because it is noted for each request. */
export type Outcome = typeof BILLED | (typeof REASONS)[number]['outcome']
export const BILLED = 0
export const NOT_METERED = 1
export const STATUS_NOT_BILLED = 2
export const CLIENT_LEFT = 3
export const NOT_CONSUMING = 4
export const REPLAYED = 5

const REASONS = [
  { outcome: NOT_METERED, reason: 'not_metered' },
  { outcome: STATUS_NOT_BILLED, reason: 'status_not_billed' },
  { outcome: CLIENT_LEFT, reason: 'client_left' },
  { outcome: NOT_CONSUMING, reason: 'not_consuming' },
  { outcome: REPLAYED, reason: 'replayed' },
] as const satisfies readonly { outcome: number; reason: NotBilledReason }[]

const STAGES: readonly DecisionStage[] = ['route', 'authenticate', 'admit', 'admit', 'limit']
/** A power of two; some minutes of a busy gateway, a day of a quiet one. */
const REMEMBERED = 32_768

/**
 * A ring of columns: noting a request writes a few numbers and references over those of an old one and allocates
 * nothing. What people read is put together when somebody asks.
 */
export function createDecisionMemory(requestIds: RequestIds, size = REMEMBERED): DecisionMemory {
  const numbers = new Float64Array(size).fill(-1)
  const times = new Float64Array(size)
  const statuses = new Uint16Array(size)
  const outcomes = new Uint8Array(size)
  const stages = new Uint8Array(size)
  const degraded = new Uint8Array(size)
  const routes = Array.from<RouteEntry | null>({ length: size }).fill(null)
  const keys = Array.from<KeyAccess | null>({ length: size }).fill(null)
  const terms = Array.from<Terms | null>({ length: size }).fill(null)
  const refusals = Array.from<GatewayRefusal | null>({ length: size }).fill(null)
  const allCredited = Array.from<readonly (readonly CreditPart[])[] | null>({ length: size }).fill(
    null,
  )
  const allCosts = Array.from<readonly Decimal[] | null>({ length: size }).fill(null)

  return {
    note(exchange, outcome, status, costs) {
      const { number } = exchange
      const slot = number & (size - 1)
      numbers[slot] = number
      times[slot] = exchange.at
      statuses[slot] = status
      outcomes[slot] = outcome
      stages[slot] = exchange.stage
      degraded[slot] = exchange.isDegraded ? 1 : 0
      routes[slot] = exchange.route
      keys[slot] = exchange.access
      terms[slot] = exchange.terms
      refusals[slot] = exchange.refusal
      allCredited[slot] = exchange.credited.length === 0 ? null : [...exchange.credited]
      allCosts[slot] = costs.length === 0 ? null : costs
    },

    explain(requestId) {
      const number = requestIds.counterOf(requestId)
      if (number === undefined) return undefined
      const slot = number & (size - 1)
      if (numbers[slot] !== number) return undefined
      const refusal = refusals[slot] ?? null
      const outcome = outcomes[slot] as Outcome
      const record = keys[slot]?.record
      const costs = allCosts[slot] ?? []
      const isBilled = refusal === null && outcome === BILLED
      return {
        requestId,
        at: times[slot] ?? 0,
        mode: record?.mode ?? null,
        isAllowed: refusal === null || isUpstreams(refusal),
        stage: stageOf(refusal, stages[slot] ?? 0),
        status: refusal === null ? (statuses[slot] ?? 0) : statusOf(refusal),
        routeKey: routes[slot]?.route.key ?? null,
        keyId: record?.keyId ?? null,
        customerId: record?.customerId ?? null,
        subscriptionId: record?.subscriptionId ?? null,
        planKey: record?.planKey ?? null,
        refusal: refusal && describe(refusal),
        isBilled,
        notBilledBecause: isBilled ? null : refusal === null ? reasonOf(outcome) : 'refused',
        usage: isBilled
          ? (terms[slot]?.charges ?? []).map(({ meterKey, fixed }, i) => ({
              meterKey,
              units: formatDecimal(add(fixed, costs[i] ?? (0n as Decimal))),
              credits: (allCredited[slot]?.[i] ?? []).map(describeCredits),
            }))
          : [],
        isDegraded: degraded[slot] === 1,
      }
    },
  }
}

function stageOf(refusal: GatewayRefusal | null, stage: number): DecisionStage {
  return refusal === null || isUpstreams(refusal) ? 'proxy' : (STAGES[stage] ?? 'limit')
}

/** The request was let through, and the API behind did not answer. */
function isUpstreams({ code }: GatewayRefusal): boolean {
  return code.startsWith('upstream_')
}

function reasonOf(outcome: Outcome): NotBilledReason {
  return REASONS.find((entry) => entry.outcome === outcome)?.reason ?? 'refused'
}

function describe({ code, params, limit, actions = [] }: GatewayRefusal) {
  const detail = new AppError(code, params as ErrorParams<ErrorCode>).message
  return { code, detail, limit: limit === undefined ? null : { ...limit }, actions: [...actions] }
}

function describeCredits({ unit, perUnit, units }: CreditPart) {
  const used = fromMicros(units)
  return { unit, units: formatDecimal(used), amount: formatDecimal(costOf(used, decimal(perUnit))) }
}

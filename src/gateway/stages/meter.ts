import { includesStatus } from '../../domain/routing/status-codes.ts'
import { add, type Decimal, formatDecimal, minDecimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { AccessLog } from '../access-log.ts'
import type { Charge } from '../access/terms.ts'
import {
  BILLED,
  CLIENT_LEFT,
  type DecisionMemory,
  NOT_CONSUMING,
  NOT_METERED,
  type Outcome,
  REPLAYED,
  STATUS_NOT_BILLED,
} from '../decisions/memory.ts'
import type { Exchange } from '../exchange.ts'
import { type CreditPart, splitParts, unitsOf as creditedUnits } from '../limits/credit-parts.ts'
import { fromMicros, type Micros, toMicros } from '../limits/units.ts'
import type { Series } from '../usage/series.ts'
import type { Tally, TallyOutcome } from '../tally.ts'
import type { Recorded, UsageLog } from '../usage/usage-log.ts'

export interface Meter {
  /**
   * 6. Counts what was used and returns what was not. Last, when the status and the cost are known, and before the end
   * of the answer leaves: when it returns true something was counted, and the answer waits for `afterWrite`. A second
   * call does nothing.
   *
   * `status` is the upstream's, 0 when it gave none; `isComplete` whether the client got the whole answer; `costs` what
   * the costs of the route came to, in the order of the charges.
   */
  settle(
    exchange: Exchange,
    status: number,
    isComplete: boolean,
    costs?: readonly Decimal[],
  ): boolean
  /**
   * Counts what a connection that lasts has used since it was admitted, in the order of the charges, at `exchange.now`.
   * It was served, so it counts beyond any limit; false when there was one.
   */
  more(exchange: Exchange, units: readonly Decimal[]): boolean
  /** Makes room for others under concurrency limits; `settle` does it for all but tunnels. */
  leave(exchange: Exchange): void
  /** Calls back when what was counted is in safe hands. */
  afterWrite(recorded: Recorded): void
}

const NO_COSTS: readonly Decimal[] = []

export function createMeter(
  log: UsageLog,
  memory: Pick<DecisionMemory, 'note'>,
  tally: Pick<Tally, 'note'>,
  accessLog: Pick<AccessLog, 'note'> | null = null,
): Meter {
  function note(
    exchange: Exchange,
    outcome: Outcome,
    status: number,
    costs: readonly Decimal[],
  ): void {
    memory.note(exchange, outcome, status, costs)
    accessLog?.note(exchange, outcome, status, costs)
    tally.note(exchange, exchange.refusal === null ? tallied(outcome) : 'refused')
  }

  return {
    settle(exchange, status, isComplete, costs = NO_COSTS) {
      if (exchange.isSettled) return false
      exchange.isSettled = true
      if (!exchange.isTunnel) leave(exchange)
      const { terms } = exchange
      if (!exchange.hasSpent || terms === null) {
        note(exchange, unspentOutcome(exchange, isComplete), status, costs)
        return false
      }
      const outcome = outcomeOf(exchange, status, isComplete)
      const isBilled = outcome === BILLED
      const { charges } = terms
      for (let i = 0; i < charges.length; i++) {
        const charge = charges[i] as Charge
        const cost = costs[i] ?? ZERO
        const units = isBilled ? unitsOf(charge, exchange, isComplete, cost) : null
        settleCharge(exchange, charge, i, units)
        if (units !== null) count(log, exchange, charge, i, units)
      }
      note(exchange, outcome, status, costs)
      return isBilled
    },
    more(exchange, units) {
      let isWithin = true
      for (const [i, charge] of (exchange.terms?.charges ?? []).entries()) {
        const used = units[i] ?? ZERO
        if (used === ZERO) continue
        for (const allowance of charge.allowancesAt(exchange.now)) {
          allowance.take(toMicros(used), exchange.at)
          if (allowance.isOverdrawn()) isWithin = false
        }
        if (charge.credited !== null) exchange.credited[i] = charge.credited.lastTaken
        count(log, exchange, charge, i, used)
      }
      return isWithin
    },
    leave,
    afterWrite: (recorded) => log.afterWrite(recorded),
  }
}

function leave({ places }: Exchange): void {
  if (places.length === 0) return
  for (const place of places) place.leave()
  places.length = 0
}

/** A connection that switched protocols was served, as a 200 was. */
const SWITCHED = 101

function tallied(outcome: Outcome): TallyOutcome {
  if (outcome === BILLED) return 'billed'
  return outcome === CLIENT_LEFT ? 'client_left' : 'not_billed'
}

function unspentOutcome({ isFree }: Exchange, isComplete: boolean): Outcome {
  if (isFree) return REPLAYED
  return isComplete ? NOT_METERED : CLIENT_LEFT
}

function outcomeOf({ route, ask }: Exchange, status: number, isComplete: boolean): Outcome {
  if (route === null) return NOT_METERED
  if (ask !== null && !ask.isConsuming) return NOT_CONSUMING
  const { onDisconnect } = route.route.policy
  if (!isComplete && onDisconnect === 'bill_none') return CLIENT_LEFT
  if (!isComplete && onDisconnect === 'bill_reserved') return BILLED
  if (includesStatus(route.billedStatuses, status === SWITCHED ? 200 : status)) return BILLED
  return isComplete ? STATUS_NOT_BILLED : CLIENT_LEFT
}

/** What is billed: the fixed units and what the costs came to. */
function unitsOf(charge: Charge, { route }: Exchange, isComplete: boolean, cost: Decimal): Decimal {
  if (charge.costs.length === 0) return charge.fixed
  const isReserved = !isComplete && route?.route.policy.onDisconnect === 'bill_reserved'
  return isReserved ? charge.reservedUnits : add(charge.fixed, cost)
}

function settleCharge(
  exchange: Exchange,
  charge: Charge,
  index: number,
  units: Decimal | null,
): void {
  const used =
    units === null ? 0 : units === charge.reservedUnits ? charge.reserved : toMicros(units)
  if (used === charge.reserved) return
  for (const allowance of charge.allowancesAt(exchange.now)) {
    const isCredited = allowance === charge.credited
    if (used < charge.reserved) {
      const back = charge.reserved - used
      allowance.giveBack(isCredited ? back - giveBackCredits(exchange, charge, index, back) : back)
    } else {
      // More than was estimated is counted, even beyond the limit: it was served.
      allowance.take(used - charge.reserved, exchange.at)
      if (isCredited) addCredited(exchange, index, charge.credited?.lastTaken ?? [])
    }
  }
}

/** What was used last comes back first: credits before what the plan includes. Returns how much of it was credits. */
function giveBackCredits(exchange: Exchange, charge: Charge, index: number, units: Micros): Micros {
  const parts = exchange.credited[index] ?? []
  const paid = creditedUnits(parts)
  const back = Math.min(units, paid)
  if (back === 0) return 0
  charge.credited?.giveBackCredits(back)
  exchange.credited[index] = splitParts(parts, paid - back)[0]
  return back
}

function addCredited(exchange: Exchange, index: number, parts: readonly CreditPart[]): void {
  if (parts.length > 0) {
    exchange.credited[index] = [...(exchange.credited[index] ?? []), ...parts]
  }
}

/** Units count where they were paid: those of credits apart from those of the plan. */
function count(
  log: UsageLog,
  exchange: Exchange,
  charge: Charge,
  index: number,
  units: Decimal,
): void {
  const parts = exchange.credited[index]
  const credited = parts === undefined ? 0 : creditedUnits(parts)
  if (credited === 0) return record(log, exchange, charge.seriesAt(exchange.now), charge, units)
  const paid = minDecimal(units, fromMicros(credited))
  record(log, exchange, charge.creditSeriesAt(exchange.now), charge, paid)
  if (paid < units) {
    record(log, exchange, charge.seriesAt(exchange.now), charge, subtract(units, paid))
  }
}

function record(
  log: UsageLog,
  exchange: Exchange,
  series: Series,
  charge: Charge,
  units: Decimal,
): void {
  const { replay } = exchange
  if (replay?.claim.kind === 'claimed') {
    const { scope, key } = replay.call
    log.addOnce(series, formatDecimal(units), { scope, key, requestId: exchange.id })
  } else if (units === charge.fixed) log.add(series)
  else log.add(series, formatDecimal(units))
}

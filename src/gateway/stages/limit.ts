import { formatInstant, SECOND_MS } from '../../kit/instant.ts'
import type { Charge, Terms } from '../access/terms.ts'
import {
  type Exchange,
  PASSED,
  refuse,
  REFUSED,
  type Stage,
  type Verdict,
  WAITING,
} from '../exchange.ts'
import {
  type Allowance,
  type AllowanceRefusal,
  SHORT,
  UNKNOWN,
  UNREACHABLE,
} from '../limits/allowance.ts'
import type { LimitBook } from '../limits/limit-book.ts'
import { NO_PLACE, type PlaceLimit, type SpeedLimit, UNDECIDED } from '../limits/speed-limit.ts'
import type { Micros } from '../limits/units.ts'
import type { UsageLog } from '../usage/usage-log.ts'

/**
 * 4. Is it too fast, too much at once, or more than was bought? Speed first, because it costs nothing and protects what
 * follows; then all allowances in one step that takes from all of them or from none. Waits only when a quota's stock is
 * used up and the authority has to be asked.
 */
export function createLimitStage(
  usage: Pick<UsageLog, 'isWritable' | 'isFull'>,
  limits: Pick<LimitBook, 'isReachable'>,
): Stage {
  return (exchange: Exchange): Verdict => {
    const { terms, route } = exchange
    if (terms === null || route === null)
      throw new Error('A request is limited after it is admitted')
    if (!exchange.hasPassedSpeed) {
      if (!limits.isReachable() && terms.rates.length + terms.places.length > 0) {
        // Each machine counts for itself meanwhile, so together they may let more through.
        if (!maySpendUndecided(exchange)) return refuseUnmetered(exchange)
        exchange.isDegraded = true
      }
      const verdict = passSpeed(exchange, terms)
      if (verdict !== PASSED) return verdict
    }
    if (exchange.hasSpent || exchange.isFree || terms.charges.length === 0) return PASSED
    if (!usage.isWritable()) {
      if (usage.isFull() || !maySpendUndecided(exchange)) return refuseUnmetered(exchange)
      exchange.isDegraded = true
    }
    return spend(exchange, terms.charges)
  }
}

/** The route rather serves than refuses when usage can be neither decided nor recorded at once. */
function maySpendUndecided({ route }: Exchange): boolean {
  return route?.route.policy.onMeterFailure === 'allow_and_record'
}

function refuseUnmetered(exchange: Exchange): Verdict {
  return refuse(exchange, 'metering_unavailable', {}, { actions: ['wait'] })
}

function passSpeed(exchange: Exchange, { rates, places }: Terms): Verdict {
  const { at, address } = exchange
  for (const slot of rates) {
    const limiter = slot.limiter(address)
    const waitMs = limiter.waitMs(at)
    if (waitMs === UNDECIDED) return waitFor(exchange, limiter)
    if (waitMs > 0) return refuseSpeed(exchange, limiter, waitMs)
  }
  for (const slot of places) {
    const limiter = slot.limiter(address)
    const verdict = limiter.check(at)
    if (verdict === UNDECIDED) return waitFor(exchange, limiter)
    if (verdict === NO_PLACE) return refusePlace(exchange, limiter)
  }
  for (const slot of rates) slot.limiter(address).take(at)
  for (const slot of places) {
    const limiter = slot.limiter(address)
    limiter.enter()
    exchange.places.push(limiter)
  }
  exchange.hasPassedSpeed = true
  return PASSED
}

function waitFor(exchange: Exchange, limiter: SpeedLimit | PlaceLimit): Verdict {
  limiter.wait(exchange.resume)
  return WAITING
}

function refuseSpeed(exchange: Exchange, limiter: SpeedLimit, waitMs: number): Verdict {
  const { at } = exchange
  const { name, limit } = limiter.rule
  const retryAfterSeconds = Math.ceil(waitMs / SECOND_MS)
  const resetAt = formatInstant(at + limiter.resetSeconds(at) * SECOND_MS)
  return refuse(
    exchange,
    'rate_limited',
    { limit: name, retryAfter: retryAfterSeconds },
    {
      retryAfterSeconds,
      limit: { name, scope: limiter.scope, limit, used: limit, remaining: 0, resetAt },
      actions: ['wait', 'upgrade'],
    },
  )
}

function refusePlace(exchange: Exchange, { rule, scope }: PlaceLimit): Verdict {
  const { name, limit } = rule
  return refuse(
    exchange,
    'concurrency_limited',
    { limit, name },
    {
      retryAfterSeconds: 1,
      limit: { name, scope, limit, used: limit, remaining: 0, resetAt: null },
      actions: ['wait', 'upgrade'],
    },
  )
}

function spend(exchange: Exchange, charges: readonly Charge[]): Verdict {
  const { at, now } = exchange
  let refusal: AllowanceRefusal | null = null
  let unknown: Allowance | null = null
  let unknownUnits: Micros = 0
  let isUnreachable = false
  for (const charge of charges) {
    const { reserved } = charge
    for (const allowance of charge.allowancesAt(now)) {
      const verdict = allowance.check(reserved, at)
      if (verdict === SHORT) {
        const other = allowance.refusal(at)
        if (refusal === null || other.resetsAt > refusal.resetsAt) refusal = other
      } else if (verdict === UNKNOWN) {
        unknown = allowance
        unknownUnits = reserved
      } else if (verdict === UNREACHABLE) isUnreachable = true
    }
  }
  // Before anything is refused: what is not known yet may be short too, and reset later.
  if (unknown !== null) {
    unknown.wait(unknownUnits, exchange.resume)
    return WAITING
  }
  if (refusal !== null) {
    exchange.refusal = refusal
    return REFUSED
  }
  if (isUnreachable) {
    if (!maySpendUndecided(exchange)) return refuseUnmetered(exchange)
    exchange.isDegraded = true
  }
  for (let i = 0; i < charges.length; i++) {
    const charge = charges[i] as Charge
    for (const allowance of charge.allowancesAt(now)) allowance.take(charge.reserved, at)
    if (charge.credited !== null) exchange.credited[i] = charge.credited.lastTaken
  }
  exchange.hasSpent = true
  return PASSED
}

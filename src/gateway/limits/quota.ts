import { type Decimal, ZERO } from '../../kit/decimal.ts'
import { formatInstant, type Instant, SECOND_MS } from '../../kit/instant.ts'
import type { UsageSource } from '../../domain/entitlements/access-record.ts'
import type { QuotaRule } from '../../domain/entitlements/grants.ts'
import type { LeaseAnswer, LeaseAsk, QuotaKey } from '../../domain/entitlements/quota.ts'
import {
  type Allowance,
  type AllowanceRefusal,
  type AllowanceVerdict,
  type AllowanceView,
  ENOUGH,
  SHORT,
  UNKNOWN,
  UNREACHABLE,
} from './allowance.ts'
import type { GatewayRefusal, RefusedLimit } from '../exchange.ts'
import { type CreditPart, fromLease, splitParts } from './credit-parts.ts'
import { type SpeedLimit, UNDECIDED } from './speed-limit.ts'
import {
  fromMicros,
  type Micros,
  MICROS_PER_UNIT,
  showMicros,
  toMicros,
  toMicrosDown,
} from './units.ts'

/** Having been told that nothing is left, a gateway believes it for so long. */
const BELIEVE_SHORT_MS = SECOND_MS
/** A stock should last about so long. */
const STOCK_MS = 2 * SECOND_MS
const SMALLEST_STOCK: Micros = 16 * MICROS_PER_UNIT
const LARGEST_STOCK: Micros = 1_000_000_000 * MICROS_PER_UNIT
const MAX_WAITING = 10_000

/** What a quota needs of the book it is in. */
export interface QuotaKeeper {
  /** There may be something to ask or to give back. */
  touch(quota: Quota): void
  isReachable(): boolean
  /** The speed a quota slows down to. */
  throttle(key: QuotaKey, rule: QuotaThrottle): SpeedLimit
}

export interface QuotaThrottle {
  readonly limit: number
  readonly windowSeconds: number
}

/** What is held in stock, and how it is told that it is used up: a quota of the plan, or a budget. */
export interface StockRule extends Pick<QuotaRule, 'limit' | 'ceiling' | 'onLimit' | 'throttle'> {
  readonly name: string
  readonly scope: string
  /** Answers tell of it in their headers. */
  readonly isShown: boolean
  /** What a window nobody has asked for yet is opened with. */
  readonly source: UsageSource
  exceeded(limit: RefusedLimit): Omit<GatewayRefusal, 'limit'>
}

interface Waiting {
  readonly units: Micros
  readonly resume: () => void
}

/**
 * One window of a quota as this process sees it: what it has in stock, leased from the authority and not yet spent.
 * A hard limit spends from stock only. Any other is counted after the fact: its stock is negative, a debt that goes to
 * the authority with the next asks.
 */
export class Quota implements Allowance {
  readonly key: QuotaKey
  readonly #keeper: QuotaKeeper
  readonly #resetsAtText: string
  #rule: StockRule
  /** Null: nothing is refused. */
  #ceiling: Decimal | null = null
  #limit: Micros = 0
  #throttle: SpeedLimit | null = null

  #stock: Micros = 0
  #parts: readonly CreditPart[] = []
  /** Debited in all, as of the last answer; what others have in stock counts as used. */
  #total: Micros = 0
  #isKnown = false
  #stockSize: Micros = SMALLEST_STOCK
  #leasedAt: Instant = 0
  #shortUntil: Instant = 0
  /** When last asked, the authority had nothing left at all. */
  #isUsedUp = false
  /** So little is left that the authority hands out no stock. */
  #isTight = false
  /** Somebody else is short: what is not needed here goes back. */
  #isRecalled = false
  /** Since the last sweep. */
  hasSpent = false
  #idleSweeps = 0
  #waiting: Waiting[] = []
  /** The book has dropped it; whoever holds it must get the window's quota anew. */
  isForgotten = false

  constructor(key: QuotaKey, rule: StockRule, keeper: QuotaKeeper) {
    this.key = key
    this.#keeper = keeper
    this.#resetsAtText = formatInstant(key.window.endsAt)
    this.#rule = rule
    this.#setLimits(rule)
  }

  /** A changed limit counts at once: what was leased under the old one goes back. */
  setRule(rule: StockRule): void {
    const before = this.#ceiling
    this.#rule = rule
    this.#setLimits(rule)
    if (before !== this.#ceiling) this.renew()
  }

  /** What is left has changed: whatever is believed about it is asked again. */
  renew(): void {
    this.#shortUntil = 0
    this.#isTight = false
    this.#isUsedUp = false
    this.recall()
  }

  #setLimits({ limit, ceiling, onLimit, throttle }: StockRule): void {
    this.#ceiling = onLimit === 'block' ? ceiling : null
    this.#limit = limit === null ? Number.POSITIVE_INFINITY : toMicrosDown(limit)
    const isThrottled = onLimit === 'throttle' && throttle !== null
    this.#throttle = isThrottled ? this.#keeper.throttle(this.key, throttle) : null
  }

  check(units: Micros, at: Instant): AllowanceVerdict {
    const isHard = this.#ceiling !== null
    if (isHard ? this.#stock >= units : this.#isKnown) {
      return this.#throttle === null ? ENOUGH : this.#checkThrottle(this.#throttle, units, at)
    }
    if (!this.#keeper.isReachable()) {
      if (!isHard) return ENOUGH
      return this.#isBeyondCeiling(units) ? SHORT : UNREACHABLE
    }
    if (at < this.#shortUntil) return SHORT
    return this.#waiting.length < MAX_WAITING ? UNKNOWN : UNREACHABLE
  }

  #checkThrottle(throttle: SpeedLimit, units: Micros, at: Instant): AllowanceVerdict {
    if (!this.#isBeyond(units)) return ENOUGH
    const waitMs = throttle.waitMs(at)
    if (waitMs === 0) return ENOUGH
    return waitMs === UNDECIDED ? UNKNOWN : SHORT
  }

  /** Known without asking: the units do not fit beside what was debited at the last answer and spent here since. */
  #isBeyondCeiling(units: Micros): boolean {
    return this.#ceiling !== null && this.#used() + units > toMicros(this.#ceiling)
  }

  #isBeyond(units: Micros): boolean {
    return this.#used() + units > this.#limit
  }

  take(units: Micros, at: Instant): void {
    if (this.#throttle !== null && this.#isBeyond(units)) this.#throttle.take(at)
    this.#stock -= units
    this.hasSpent = true
    // Refilled before it is empty, so that nobody waits for the authority.
    if (this.#stock < this.#stockSize / 4) this.#keeper.touch(this)
  }

  isOverdrawn(): boolean {
    return this.#isBeyondCeiling(0)
  }

  giveBack(units: Micros): void {
    this.#stock += units
    if (this.#isRecalled) this.#keeper.touch(this)
  }

  wait(units: Micros, resume: () => void): void {
    if (this.#throttle !== null && this.#isKnown) return this.#throttle.wait(resume)
    this.#waiting.push({ units, resume })
    this.#keeper.touch(this)
  }

  refusal(at: Instant): AllowanceRefusal {
    const limit = {
      name: this.#rule.name,
      scope: this.#rule.scope,
      limit: showMicros(this.#limit),
      used: showMicros(this.#used()),
      remaining: showMicros(Math.max(this.#limit - this.#used(), 0)),
      resetAt: this.#resetsAtText,
    }
    if (this.#throttle !== null) {
      const retryAfterSeconds = Math.ceil(this.#throttle.waitMs(at) / SECOND_MS)
      return {
        code: 'rate_limited',
        params: {
          limit: `${this.#rule.name} beyond the quota`,
          retryAfter: retryAfterSeconds,
        },
        retryAfterSeconds,
        limit,
        actions: ['wait', 'upgrade'],
        resetsAt: this.key.window.endsAt,
      }
    }
    return { ...this.#rule.exceeded(limit), limit, resetsAt: this.key.window.endsAt }
  }

  view(): AllowanceView | null {
    if (!this.#rule.isShown) return null
    return { limit: this.#limit, used: this.#used(), resetsAtText: this.#resetsAtText }
  }

  #used(): Micros {
    return this.#total - this.#stock
  }

  /** What can be spent without asking. */
  get stock(): Micros {
    return Math.max(this.#stock, 0)
  }

  /** More was spent than was leased. */
  get isOwing(): boolean {
    return this.#stock < 0
  }

  get isReachable(): boolean {
    return this.#keeper.isReachable()
  }

  /** Of credits: which kinds the next units are paid with. */
  takeParts(units: Micros): readonly CreditPart[] {
    const [taken, left] = splitParts(this.#parts, units)
    this.#parts = left
    return taken
  }

  /** Nothing is left in the window, as far as is known. */
  get isUsedUp(): boolean {
    return this.#isUsedUp
  }

  // What follows is between the quota and its book.

  get source(): UsageSource {
    return this.#rule.source
  }

  isWaitedFor(): boolean {
    return this.#waiting.length > 0
  }

  /** What to ask the authority for; undefined when there is nothing to ask. */
  ask(at: Instant): LeaseAsk | undefined {
    const debt = Math.max(-this.#stock, 0)
    const isHard = this.#ceiling !== null
    const need = isHard ? this.#needed() : 0
    const isRefillDue = isHard && !this.#isTight && this.#stock < this.#stockSize / 4
    const isUnknown = this.#waiting.length > 0 && !this.#isKnown
    if (debt === 0 && need === 0 && !isRefillDue && !isUnknown) return undefined
    if (need > 0 || isRefillDue) this.#adaptStockSize(at)
    return {
      ...this.key,
      ceiling: this.#ceiling,
      debt: fromMicros(debt),
      need: fromMicros(need),
      want: isHard ? fromMicros(this.#stockSize) : ZERO,
    }
  }

  /** A question only to hear whether anybody answers. */
  probe(): LeaseAsk {
    return { ...this.key, ceiling: this.#ceiling, debt: ZERO, need: ZERO, want: ZERO }
  }

  /** What those who wait need beyond what is in stock. */
  #needed(): Micros {
    const waitingUnits = this.#waiting.reduce((sum, { units }) => sum + units, 0)
    return Math.max(waitingUnits - Math.max(this.#stock, 0), 0)
  }

  #adaptStockSize(at: Instant): void {
    const lastedMs = at - this.#leasedAt
    if (lastedMs < STOCK_MS / 2) this.#stockSize = Math.min(this.#stockSize * 2, LARGEST_STOCK)
    if (lastedMs > STOCK_MS * 4) this.#stockSize = Math.max(this.#stockSize / 2, SMALLEST_STOCK)
    this.#leasedAt = at
  }

  /** Returns whether to ask again in a moment, because others are giving back what they have in stock. */
  answered(ask: LeaseAsk, answer: LeaseAnswer & { kind: 'leased' }, at: Instant): boolean {
    this.#isKnown = true
    this.#stock += toMicrosDown(answer.granted) + toMicros(ask.debt)
    this.#total = toMicros(answer.total)
    if (answer.parts !== undefined) this.#parts = [...this.#parts, ...answer.parts.map(fromLease)]
    if (ask.ceiling !== null) {
      this.#isTight = answer.granted <= ask.need
      this.#isUsedUp = answer.granted < ask.need && !answer.isRecalling
      if (!this.#isTight) this.#isRecalled = false
      if (answer.granted < ask.need) {
        if (answer.isRecalling) return true
        this.#shortUntil = at + BELIEVE_SHORT_MS
      }
    }
    this.wake()
    return false
  }

  wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const { resume } of waiting) resume()
  }

  recall(): void {
    this.#isRecalled = true
    this.#keeper.touch(this)
  }

  /** Takes out of the stock what goes back to the authority: all of it, when it was recalled or nobody spends. */
  takeSurplus(isIdle: boolean): Decimal {
    const isKept = this.#waiting.length > 0 || !(this.#isRecalled || isIdle)
    if (isKept || this.#stock <= 0) return ZERO
    const surplus = fromMicros(this.#stock)
    this.#total -= this.#stock
    this.#stock = 0
    this.#parts = []
    this.#isTight = true
    return surplus
  }

  /** How many sweeps in a row nobody spent anything. */
  idleSweeps(): number {
    this.#idleSweeps = this.hasSpent ? 0 : this.#idleSweeps + 1
    this.hasSpent = false
    return this.#idleSweeps
  }

  /** Nothing here is owed, held or waited for. */
  isEmpty(): boolean {
    return this.#stock === 0 && this.#waiting.length === 0
  }
}

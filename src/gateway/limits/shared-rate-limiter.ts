import type { Instant } from '../../kit/instant.ts'
import type { ReturnedTokens, TokenAnswer, TokenAsk } from '../../platform/counters/counters.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { SharedLimitKeeper } from './shared-limits.ts'
import {
  type Cell,
  cellOf,
  policyOf,
  type RateLimitRule,
  type SpeedLimit,
  UNDECIDED,
} from './speed-limit.ts'

/** What is in stock should last about so long. */
const STOCK_MS = 100
/** Having been told that the bucket is empty, a process believes it for so long: others may give tokens back. */
const BELIEVE_EMPTY_MS = 100

/**
 * A rate limit that several processes share: each takes tokens in stock and spends them without asking. The emptier the
 * bucket, the smaller the takes, so together they never pass the limit. While the counters do not answer, each process
 * counts for itself.
 */
export class SharedRateLimiter implements SpeedLimit {
  readonly scope: string
  rule: RateLimitRule
  policy = ''
  isForgotten = false
  readonly #id: string
  readonly #keeper: SharedLimitKeeper<SharedRateLimiter>
  readonly #alone: RateLimiter
  #cell: Cell
  #tokens = 0
  #want = 1
  #askedAt: Instant = 0
  /** How far the bucket was from full at `#answeredAt`. */
  #aheadMs = 0
  #answeredAt: Instant = 0
  /** When the next token is due, if nobody gives one back. */
  #emptyUntil: Instant = 0
  #believedUntil: Instant = 0
  #waiting: (() => void)[] = []
  #wasUsed = false
  #isAsking = false

  constructor(
    id: string,
    rule: RateLimitRule,
    scope: string,
    keeper: SharedLimitKeeper<SharedRateLimiter>,
  ) {
    this.#id = id
    this.rule = rule
    this.scope = scope
    this.#keeper = keeper
    this.#alone = new RateLimiter(rule, scope)
    this.#cell = cellOf(rule)
    this.policy = policyOf(rule)
  }

  setRule(rule: RateLimitRule): void {
    this.rule = rule
    this.policy = policyOf(rule)
    this.#cell = cellOf(rule)
    this.#alone.setRule(rule)
    this.#believedUntil = 0
  }

  waitMs(at: Instant): number {
    if (this.#tokens > 0) return 0
    if (!this.#keeper.isReachable()) return this.#alone.waitMs(at)
    return at < this.#believedUntil ? Math.max(this.#emptyUntil - at, 1) : UNDECIDED
  }

  take(at: Instant): void {
    this.#wasUsed = true
    this.#alone.take(at)
    if (this.#tokens === 0) return
    this.#tokens--
    if (this.#tokens < this.#want / 4 && !this.#isAsking && at >= this.#believedUntil) {
      this.#keeper.touch(this)
    }
  }

  wait(resume: () => void): void {
    this.#waiting.push(resume)
    this.#keeper.touch(this)
  }

  remaining(at: Instant): number {
    const { intervalMs, bucketMs } = this.#cell
    return this.#tokens + Math.floor((bucketMs - this.#ahead(at)) / intervalMs + 0.001)
  }

  resetSeconds(at: Instant): number {
    return Math.ceil(this.#ahead(at) / 1_000)
  }

  isIdle(at: Instant): boolean {
    return this.#ahead(at) === 0 && this.#tokens === 0 && this.#waiting.length === 0
  }

  #ahead(at: Instant): number {
    return Math.max(this.#aheadMs - (at - this.#answeredAt), 0)
  }

  ask(): TokenAsk | undefined {
    if (this.#isAsking) return undefined
    this.#isAsking = true
    return { key: this.#id, ...this.#cell, want: Math.max(this.#want, this.#waiting.length) }
  }

  answered({ granted, aheadMs }: TokenAnswer, at: Instant): void {
    this.#isAsking = false
    this.#want =
      at - this.#askedAt < STOCK_MS
        ? Math.min(this.#want * 2, this.rule.limit)
        : Math.max(this.#want / 2, 1)
    this.#askedAt = at
    this.#tokens += granted
    if (granted > 0) this.#keeper.stocked(this)
    this.#aheadMs = aheadMs
    this.#answeredAt = at
    const { intervalMs, bucketMs } = this.#cell
    if (granted === 0) {
      this.#emptyUntil = at + Math.max(aheadMs + intervalMs - bucketMs, 1)
      this.#believedUntil = Math.min(this.#emptyUntil, at + BELIEVE_EMPTY_MS)
    }
    this.#wake()
  }

  unanswered(): void {
    this.#isAsking = false
    this.#wake()
  }

  hasStock(): boolean {
    return this.#tokens > 0
  }

  takeUnused(): ReturnedTokens | undefined {
    const isInUse = this.#wasUsed || this.#isAsking || this.#tokens === 0
    this.#wasUsed = false
    if (isInUse) return undefined
    const count = this.#tokens
    this.#tokens = 0
    this.#want = 1
    return { key: this.#id, intervalMs: this.#cell.intervalMs, count }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}

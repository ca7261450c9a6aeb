import type { Instant } from '../../kit/instant.ts'
import { cellOf, policyOf, type RateLimitRule, type SpeedLimit } from './speed-limit.ts'

/**
 * The generic cell rate algorithm: `fullAt` is when the bucket will be full again if nobody comes. A request may come
 * when that is at most a bucket away. Rate limits live in real time, whatever time the customer lives in.
 */
export class RateLimiter implements SpeedLimit {
  readonly scope: string
  rule: RateLimitRule
  policy = ''
  isForgotten = false
  #intervalMs = 0
  #bucketMs = 0
  #fullAt: Instant = 0

  constructor(rule: RateLimitRule, scope: string) {
    this.rule = rule
    this.scope = scope
    this.setRule(rule)
  }

  setRule(rule: RateLimitRule): void {
    const { intervalMs, bucketMs } = cellOf(rule)
    this.rule = rule
    this.policy = policyOf(rule)
    this.#intervalMs = intervalMs
    this.#bucketMs = bucketMs
  }

  waitMs(at: Instant): number {
    const early = this.#ahead(at) + this.#intervalMs - this.#bucketMs
    // The sum of many intervals is not exact; less than a microsecond early is in time.
    return early > 0.001 ? early : 0
  }

  take(at: Instant): void {
    this.#fullAt = at + this.#ahead(at) + this.#intervalMs
  }

  wait(resume: () => void): void {
    resume()
  }

  remaining(at: Instant): number {
    return Math.floor((this.#bucketMs - this.#ahead(at)) / this.#intervalMs + 0.001)
  }

  resetSeconds(at: Instant): number {
    return Math.ceil(this.#ahead(at) / 1_000)
  }

  isIdle(at: Instant): boolean {
    return this.#ahead(at) === 0
  }

  /** How far ahead of a full bucket it is; never more than a bucket. */
  #ahead(at: Instant): number {
    const ahead = this.#fullAt - at
    if (ahead <= 0) return 0
    // The system clock was set back, or the bucket became smaller: nobody may be locked out for longer than it takes
    // to fill.
    if (ahead > this.#bucketMs) this.#fullAt = at + this.#bucketMs
    return Math.min(ahead, this.#bucketMs)
  }
}

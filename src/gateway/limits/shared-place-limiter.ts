import type { Instant } from '../../kit/instant.ts'
import type { PlaceAnswer, PlaceAsk, ReturnedPlaces } from '../../platform/counters/counters.ts'
import type { SharedLimitKeeper } from './shared-limits.ts'
import { type ConcurrencyRule, NO_PLACE, type PlaceLimit, UNDECIDED } from './speed-limit.ts'

/** Having been told that all places are taken, a process believes it for so long. */
const BELIEVE_FULL_MS = 50

/**
 * A concurrency limit that several processes share: places that become free are kept for the next request for a moment,
 * then given back. While the counters do not answer, each process counts for itself.
 */
export class SharedPlaceLimiter implements PlaceLimit {
  readonly scope: string
  rule: ConcurrencyRule
  isForgotten = false
  readonly #id: string
  readonly #keeper: SharedLimitKeeper<SharedPlaceLimiter>
  #free = 0
  #running = 0
  /** Requests that run without a place, because nobody could be asked. */
  #unplaced = 0
  #fullUntil: Instant = 0
  #waiting: (() => void)[] = []
  #wasUsed = false
  #isAsking = false

  constructor(
    id: string,
    rule: ConcurrencyRule,
    scope: string,
    keeper: SharedLimitKeeper<SharedPlaceLimiter>,
  ) {
    this.#id = id
    this.rule = rule
    this.scope = scope
    this.#keeper = keeper
  }

  check(at: Instant): number {
    if (this.#free > 0) return 0
    if (!this.#keeper.isReachable()) return this.#running < this.rule.limit ? 0 : NO_PLACE
    return at < this.#fullUntil ? NO_PLACE : UNDECIDED
  }

  enter(): void {
    this.#wasUsed = true
    this.#running++
    if (this.#free > 0) this.#free--
    else this.#unplaced++
  }

  leave(): void {
    this.#running--
    if (this.#unplaced > 0) this.#unplaced--
    else this.#free++
  }

  wait(resume: () => void): void {
    this.#waiting.push(resume)
    this.#keeper.touch(this)
  }

  isIdle(): boolean {
    return this.#running === 0 && this.#free === 0 && this.#waiting.length === 0
  }

  ask(): PlaceAsk | undefined {
    const want = this.#waiting.length - this.#free
    if (this.#isAsking || want <= 0) {
      if (!this.#isAsking) this.#wake()
      return undefined
    }
    this.#isAsking = true
    return { key: this.#id, limit: this.rule.limit, want }
  }

  answered({ granted }: PlaceAnswer, at: Instant): void {
    this.#isAsking = false
    this.#free += granted
    if (granted > 0) this.#keeper.stocked(this)
    if (granted < this.#waiting.length) this.#fullUntil = at + BELIEVE_FULL_MS
    this.#wake()
  }

  unanswered(): void {
    this.#isAsking = false
    this.#wake()
  }

  hasStock(): boolean {
    return this.#free > 0 || this.#running > 0
  }

  takeUnused(): ReturnedPlaces | undefined {
    const isInUse = this.#wasUsed || this.#isAsking || this.#free === 0
    this.#wasUsed = false
    if (isInUse) return undefined
    const count = this.#free
    this.#free = 0
    return { key: this.#id, count }
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resume of waiting) resume()
  }
}

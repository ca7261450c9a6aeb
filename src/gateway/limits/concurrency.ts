import { type ConcurrencyRule, NO_PLACE, type PlaceLimit } from './speed-limit.ts'

/** At most so many requests at the same time, counted by one process. */
export class ConcurrencyLimiter implements PlaceLimit {
  readonly scope: string
  rule: ConcurrencyRule
  isForgotten = false
  #running = 0

  constructor(rule: ConcurrencyRule, scope: string) {
    this.rule = rule
    this.scope = scope
  }

  check(): number {
    return this.#running < this.rule.limit ? 0 : NO_PLACE
  }

  enter(): void {
    this.#running++
  }

  leave(): void {
    this.#running--
  }

  wait(resume: () => void): void {
    resume()
  }

  isIdle(): boolean {
    return this.#running === 0
  }
}

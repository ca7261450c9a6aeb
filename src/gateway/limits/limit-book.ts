import type { Clock } from '../../kit/clock.ts'
import { MINUTE_MS } from '../../kit/instant.ts'
import { ConcurrencyLimiter } from './concurrency.ts'
import { RateLimiter } from './rate-limiter.ts'
import type { SharedLimits } from './shared-limits.ts'
import type { ConcurrencyRule, PlaceLimit, RateLimitRule, SpeedLimit } from './speed-limit.ts'

/**
 * Rate and concurrency limiters by what they limit, so that all keys of a subscription share one, and a plan that
 * changes keeps what was taken.
 */
export interface LimitBook {
  rate(id: string, rule: RateLimitRule, scope: string): SpeedLimit
  concurrency(id: string, rule: ConcurrencyRule, scope: string): PlaceLimit
  /** For what concerns this process alone. */
  ownRate(id: string, rule: RateLimitRule, scope: string): RateLimiter
  isReachable(): boolean
  size(): number
  close(): void
}

interface LimitBookOptions {
  readonly clock: Clock
  /** Null counts in this process, which is exact when there is only one. */
  readonly shared: SharedLimits | null
}

const SWEEP_MS = MINUTE_MS

export function createLimitBook({ clock, shared }: LimitBookOptions): LimitBook {
  const rates = new Map<string, SpeedLimit>()
  const ownRates = new Map<string, RateLimiter>()
  const places = new Map<string, PlaceLimit>()
  const timer = setInterval(sweep, SWEEP_MS)
  timer.unref()

  /** A limiter nobody has taken from is as good as a new one. Who still holds it gets the new one. */
  function sweep(): void {
    const now = clock.now()
    for (const map of [rates, ownRates]) {
      for (const [id, limiter] of map) {
        if (!limiter.isIdle(now)) continue
        limiter.isForgotten = true
        map.delete(id)
      }
    }
    for (const [id, limiter] of places) {
      if (!limiter.isIdle()) continue
      limiter.isForgotten = true
      places.delete(id)
    }
  }

  return {
    rate(id, rule, scope) {
      const known = rates.get(id)
      known?.setRule(rule)
      if (known !== undefined) return known
      const limiter = shared?.rate(id, rule, scope) ?? new RateLimiter(rule, scope)
      rates.set(id, limiter)
      return limiter
    },
    concurrency(id, rule, scope) {
      const known = places.get(id)
      if (known !== undefined) {
        known.rule = rule
        return known
      }
      const limiter = shared?.concurrency(id, rule, scope) ?? new ConcurrencyLimiter(rule, scope)
      places.set(id, limiter)
      return limiter
    },
    ownRate(id, rule, scope) {
      const known = ownRates.get(id)
      if (known !== undefined) return known
      const limiter = new RateLimiter(rule, scope)
      ownRates.set(id, limiter)
      return limiter
    },
    isReachable: () => shared?.isReachable() ?? true,
    size: () => rates.size + ownRates.size + places.size,
    close() {
      clearInterval(timer)
      shared?.close()
    },
  }
}

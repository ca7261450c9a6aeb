import type { Clock } from '../../kit/clock.ts'
import type { Instant } from '../../kit/instant.ts'
import { AppError } from '../../errors.ts'

const MAX_CALLERS = 50_000

/**
 * So many requests per minute from one address, refilled continuously. In memory and per process: it protects this
 * process, it is not a quota.
 */
export function createRequestLimit(clock: Clock, perMinute: number): (caller: string) => void {
  const intervalMs = 60_000 / perMinute
  /** When the bucket of a caller would be full again. */
  const fullAt = new Map<string, Instant>()

  return (caller) => {
    const now = clock.now()
    const next = Math.max(fullAt.get(caller) ?? now, now) + intervalMs
    const waitMs = next - now - 60_000
    if (waitMs > 0) {
      const retryAfter = Math.ceil(waitMs / 1000)
      const limit = `${perMinute} per minute`
      throw new AppError('rate_limited', { limit, retryAfter }, { extras: { retryAfter } })
    }
    if (fullAt.size >= MAX_CALLERS) fullAt.clear()
    fullAt.set(caller, next)
  }
}

import type { Instant } from './instant.ts'

/** The only source of "now". Rules take `now` as a parameter; whoever calls them asks a clock. */
export interface Clock {
  now(): Instant
}

export const systemClock: Clock = { now: () => Date.now() }

export interface ManualClock extends Clock {
  set(at: Instant): void
  advance(byMs: number): void
}

/** A clock that stands still until it is told otherwise: for tests and for simulated time. It never runs backwards. */
export function createManualClock(start: Instant): ManualClock {
  let at = start
  const set = (next: Instant): void => {
    if (next < at) throw new RangeError('A clock cannot run backwards')
    at = next
  }
  return { now: () => at, set, advance: (byMs) => set(at + byMs) }
}

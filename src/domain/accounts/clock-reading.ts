import type { Instant } from '../../kit/instant.ts'

/**
 * What time it is for a customer. Live customers live in real time. Test mode may run ahead by an offset, moved
 * together with the simulated Stripe; a customer on a test clock lives at the instant where that clock stands.
 */
export type ClockReading =
  | { readonly kind: 'running'; readonly offsetMs: number }
  | { readonly kind: 'frozen'; readonly at: Instant }

export const REAL_TIME: ClockReading = { kind: 'running', offsetMs: 0 }

export function readClock(reading: ClockReading, systemNow: Instant): Instant {
  return reading.kind === 'frozen' ? reading.at : systemNow + reading.offsetMs
}

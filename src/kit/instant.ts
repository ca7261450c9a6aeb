/**
 * A point in time: whole milliseconds since 1970-01-01T00:00:00Z, as `Date.now()` gives it.
 *
 * A plain number compares, sorts and subtracts without ceremony and costs nothing on the gateway's request path.
 * Calendar arithmetic lives in `period.ts`; nothing else may add months or read calendar fields.
 */
export type Instant = number

export const SECOND_MS = 1_000
export const MINUTE_MS = 60 * SECOND_MS
export const HOUR_MS = 60 * MINUTE_MS
export const DAY_MS = 24 * HOUR_MS

const ISO_INSTANT = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)$/

/** ISO 8601 in UTC with milliseconds only where there are any: `2026-12-01T00:00:00Z`. */
export function formatInstant(at: Instant): string {
  const text = new Date(at).toISOString()
  return at % SECOND_MS === 0 ? text.replace('.000Z', 'Z') : text
}

/** Reads an ISO 8601 date-time that names its offset; `undefined` for anything else, a bare date included. */
export function parseInstant(text: string): Instant | undefined {
  if (!ISO_INSTANT.test(text)) return undefined
  const at = Date.parse(text)
  // Date.parse rolls 30 February over to March; a day that does not exist is a mistake, not a date.
  const day = Number(text.slice(8, 10))
  const isRealDay =
    day <= new Date(Date.UTC(Number(text.slice(0, 4)), Number(text.slice(5, 7)), 0)).getUTCDate()
  return Number.isNaN(at) || !isRealDay ? undefined : at
}

/** Stripe counts whole seconds. */
export function fromUnixSeconds(seconds: number): Instant {
  return seconds * SECOND_MS
}

export function toUnixSeconds(at: Instant): number {
  return Math.floor(at / SECOND_MS)
}

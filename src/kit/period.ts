import { Temporal } from 'temporal-polyfill'
import { DAY_MS, HOUR_MS, type Instant } from './instant.ts'

/** Half-open: an event at exactly `endsAt` belongs to the next period. */
export interface Period {
  readonly startsAt: Instant
  readonly endsAt: Instant
}

/**
 * The length of a period. Months are calendar months in a time zone; hours, days and weeks are fixed lengths,
 * so a day is always 24 hours, whatever clocks do in the night.
 */
export type Duration = { readonly months: number } | { readonly ms: number }

const MEAN_MONTH_MS = 30.436875 * DAY_MS
const WEEK_MS = 7 * DAY_MS

const ISO_DURATION = /^P(?:(\d{1,4})([DWMY])|T(\d{1,4})H)$/

/** Reads `PT1H`, `P1D`, `P2W`, `P1M`, `P1Y` and the like; `undefined` for zero, mixed or malformed durations. */
export function parseDuration(iso: string): Duration | undefined {
  const match = ISO_DURATION.exec(iso)
  if (match === null) return undefined
  const count = Number(match[1] ?? match[3])
  if (count === 0) return undefined
  switch (match[2]) {
    case undefined:
      return { ms: count * HOUR_MS }
    case 'D':
      return { ms: count * DAY_MS }
    case 'W':
      return { ms: count * 7 * DAY_MS }
    case 'M':
      return { months: count }
    default:
      return { months: count * 12 }
  }
}

/** For values a schema has already checked. */
export function duration(iso: string): Duration {
  const parsed = parseDuration(iso)
  if (parsed === undefined) throw new RangeError(`Not a duration: ${iso}`)
  return parsed
}

/** One length fits into the other without a rest, as rate cards and plans require of their cadences. */
export function divides(a: Duration, b: Duration): boolean {
  if ('months' in a && 'months' in b) return a.months % b.months === 0 || b.months % a.months === 0
  if ('ms' in a && 'ms' in b) return a.ms % b.ms === 0 || b.ms % a.ms === 0
  return false
}

/**
 * The k-th boundary counted from the anchor, never from the previous boundary: 31 January plus one, two and three
 * months is 28 February, 31 March, 30 April. The day is clamped to the month's last; 29 February yearly comes back.
 */
export function boundary(anchor: Instant, length: Duration, k: number, timeZone = 'UTC'): Instant {
  if ('ms' in length) return anchor + length.ms * k
  return timeZone === 'UTC'
    ? addMonthsUtc(anchor, length.months * k)
    : addMonthsInZone(anchor, length.months * k, timeZone)
}

export interface NumberedPeriod extends Period {
  /** 0 for the period that starts at the anchor, negative before it. */
  readonly ordinal: number
}

/** The period an instant falls into. Before the anchor they are counted backwards from it. */
export function periodAt(
  anchor: Instant,
  length: Duration,
  at: Instant,
  timeZone = 'UTC',
): NumberedPeriod {
  // Boundaries stray from the mean month by at most three days, so the guess is never too low and at most two too high.
  const meanMs = 'ms' in length ? length.ms : length.months * MEAN_MONTH_MS
  let ordinal = Math.floor((at - anchor) / meanMs) + 1
  let startsAt = boundary(anchor, length, ordinal, timeZone)
  while (startsAt > at) startsAt = boundary(anchor, length, --ordinal, timeZone)
  return { ordinal, startsAt, endsAt: boundary(anchor, length, ordinal + 1, timeZone) }
}

/** The first instant of the hour, which is the grain of usage rollups. */
export function startOfHour(at: Instant): Instant {
  return at - (((at % HOUR_MS) + HOUR_MS) % HOUR_MS)
}

/** Midnight on the first day of the calendar month, Monday's week or year that contains the instant. */
export function startOfCalendar(
  at: Instant,
  unit: 'day' | 'week' | 'month' | 'year',
  timeZone: string,
): Instant {
  const today = Temporal.Instant.fromEpochMilliseconds(at)
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
  const first = {
    day: today,
    week: today.subtract({ days: today.dayOfWeek - 1 }),
    month: today.with({ day: 1 }),
    year: today.with({ month: 1, day: 1 }),
  }[unit]
  return firstValidInstant(first.toPlainDateTime(), timeZone)
}

/**
 * Where calendar-aligned periods of a length are counted from: a Monday for weeks, 1 January for months that fill a
 * year, so that quarters are the calendar's; the first of the month or midnight for the rest.
 */
export function calendarAnchor(at: Instant, length: Duration, timeZone: string): Instant {
  if ('months' in length) {
    return startOfCalendar(at, fillsYears(length.months) ? 'year' : 'month', timeZone)
  }
  if (length.ms % WEEK_MS === 0) return startOfCalendar(at, 'week', timeZone)
  return startOfCalendar(at, 'day', timeZone)
}

function fillsYears(months: number): boolean {
  return 12 % months === 0 || months % 12 === 0
}

function addMonthsUtc(anchor: Instant, months: number): Instant {
  const date = new Date(anchor)
  const month = date.getUTCMonth() + months
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), month + 1, 0)).getUTCDate()
  const day = Math.min(date.getUTCDate(), lastDay)
  return Date.UTC(date.getUTCFullYear(), month, day) + (((anchor % DAY_MS) + DAY_MS) % DAY_MS)
}

function addMonthsInZone(anchor: Instant, months: number, timeZone: string): Instant {
  const local = Temporal.Instant.fromEpochMilliseconds(anchor)
    .toZonedDateTimeISO(timeZone)
    .toPlainDateTime()
  return firstValidInstant(local.add({ months }), timeZone)
}

/** A local time that occurs twice means its first occurrence; one that is skipped means the moment after the gap. */
function firstValidInstant(local: Temporal.PlainDateTime, timeZone: string): Instant {
  const zoned = local.toZonedDateTime(timeZone, { disambiguation: 'compatible' })
  if (zoned.toPlainDateTime().equals(local)) return zoned.epochMilliseconds
  const transition = zoned.getTimeZoneTransition('previous')
  return (transition ?? zoned).epochMilliseconds
}

import fc from 'fast-check'
import { Temporal } from 'temporal-polyfill'
import { expect, test } from 'vitest'
import { formatInstant, HOUR_MS, parseInstant } from './instant.ts'
import {
  boundary,
  calendarAnchor,
  divides,
  duration,
  parseDuration,
  periodAt,
  startOfCalendar,
  startOfHour,
} from './period.ts'

const at = (iso: string) => {
  const instant = parseInstant(iso)
  if (instant === undefined) throw new Error(`bad test date ${iso}`)
  return instant
}
const days = (anchor: string, cadence: string, count: number) =>
  Array.from({ length: count }, (_, k) =>
    formatInstant(boundary(at(anchor), duration(cadence), k)).slice(0, 10),
  )

const CADENCES = ['PT1H', 'P1D', 'P1W', 'P2W', 'P4W', 'P1M', 'P3M', 'P6M', 'P12M', 'P1Y']
const ZONES = ['UTC', 'America/New_York', 'Europe/Berlin', 'Asia/Kathmandu', 'Australia/Lord_Howe']
const instants = fc.integer({ min: at('2000-01-01T00:00:00Z'), max: at('2060-01-01T00:00:00Z') })

test('an anchor on the 31st comes back after every short month', () => {
  expect(days('2026-01-31T12:00:00Z', 'P1M', 5)).toEqual([
    '2026-01-31',
    '2026-02-28',
    '2026-03-31',
    '2026-04-30',
    '2026-05-31',
  ])
})

test('29 February yearly falls on the 28th and returns in the leap year', () => {
  expect(days('2024-02-29T00:00:00Z', 'P1Y', 5)).toEqual([
    '2024-02-29',
    '2025-02-28',
    '2026-02-28',
    '2027-02-28',
    '2028-02-29',
  ])
})

test('in UTC the clamping equals the calendar library for all anchors and lengths', () => {
  fc.assert(
    fc.property(instants, fc.constantFrom(1, 3, 6, 12), fc.nat(240), (anchor, months, k) => {
      const expected = Temporal.Instant.fromEpochMilliseconds(anchor)
        .toZonedDateTimeISO('UTC')
        .add({ months: months * k }).epochMilliseconds
      expect(boundary(anchor, { months }, k)).toBe(expected)
    }),
  )
})

test('periods tile: strictly increasing, no gap, no overlap, in every zone', () => {
  fc.assert(
    fc.property(
      instants,
      fc.constantFrom(...CADENCES),
      fc.constantFrom(...ZONES),
      fc.nat(100),
      (anchor, cadence, zone, k) => {
        const length = duration(cadence)
        const startsAt = boundary(anchor, length, k, zone)
        const endsAt = boundary(anchor, length, k + 1, zone)
        expect(startsAt).toBeLessThan(endsAt)
        expect(periodAt(anchor, length, startsAt, zone)).toEqual({ ordinal: k, startsAt, endsAt })
        expect(periodAt(anchor, length, endsAt - 1, zone).ordinal).toBe(k)
        expect(periodAt(anchor, length, endsAt, zone).ordinal).toBe(k + 1)
      },
    ),
  )
})

test('every instant after the anchor lies in exactly the period found for it', () => {
  fc.assert(
    fc.property(
      instants,
      fc.nat(40 * 365 * 24),
      fc.constantFrom(...CADENCES),
      fc.constantFrom(...ZONES),
      (anchor, hours, cadence, zone) => {
        const instant = anchor + hours * HOUR_MS
        const period = periodAt(anchor, duration(cadence), instant, zone)
        expect(period.startsAt <= instant && instant < period.endsAt).toBe(true)
      },
    ),
  )
})

test('a skipped local time means the first moment after the gap, a repeated one its first occurrence', () => {
  const month = duration('P1M')
  // New York skips 02:00–03:00 on 8 March 2026 and repeats 01:00–02:00 on 1 November 2026.
  const spring = boundary(at('2026-02-08T02:30:00-05:00'), month, 1, 'America/New_York')
  expect(formatInstant(spring)).toBe('2026-03-08T07:00:00Z')
  const autumn = boundary(at('2026-10-01T01:30:00-04:00'), month, 1, 'America/New_York')
  expect(formatInstant(autumn)).toBe('2026-11-01T05:30:00Z')
})

test('a calendar month starts at local midnight', () => {
  const instant = at('2026-03-01T03:00:00Z')
  expect(formatInstant(startOfCalendar(instant, 'month', 'America/New_York'))).toBe(
    '2026-02-01T05:00:00Z',
  )
  expect(formatInstant(startOfCalendar(instant, 'week', 'UTC'))).toBe('2026-02-23T00:00:00Z')
  expect(formatInstant(startOfCalendar(instant, 'year', 'Asia/Tokyo'))).toBe('2025-12-31T15:00:00Z')
})

test('calendar periods are those of the calendar: Mondays, quarters, years', () => {
  const inMay = at('2026-05-20T15:00:00Z')
  const startOf = (cadence: string) => {
    const anchor = calendarAnchor(inMay, duration(cadence), 'UTC')
    return formatInstant(periodAt(anchor, duration(cadence), inMay).startsAt)
  }
  expect(startOf('PT1H')).toBe('2026-05-20T15:00:00Z')
  expect(startOf('P1D')).toBe('2026-05-20T00:00:00Z')
  expect(startOf('P1W')).toBe('2026-05-18T00:00:00Z')
  expect(startOf('P1M')).toBe('2026-05-01T00:00:00Z')
  expect(startOf('P3M')).toBe('2026-04-01T00:00:00Z')
  expect(startOf('P1Y')).toBe('2026-01-01T00:00:00Z')
})

test('only durations of one unit are read', () => {
  expect(CADENCES.map((cadence) => parseDuration(cadence) !== undefined)).not.toContain(false)
  for (const text of ['P0M', 'P1M1D', 'PT30M', 'P', '1M', 'P-1M', 'P1.5M', 'PT1H30M']) {
    expect(parseDuration(text), text).toBeUndefined()
  }
})

test('cadences align when one divides the other', () => {
  expect(divides(duration('P1Y'), duration('P3M'))).toBe(true)
  expect(divides(duration('P1D'), duration('P2W'))).toBe(true)
  expect(divides(duration('P1M'), duration('P4W'))).toBe(false)
})

test('instants read back as written and dates that do not exist are refused', () => {
  fc.assert(fc.property(instants, (instant) => parseInstant(formatInstant(instant)) === instant))
  for (const text of ['2026-02-30T00:00:00Z', '2026-02-01', '2026-02-01T00:00:00', 'tomorrow']) {
    expect(parseInstant(text), text).toBeUndefined()
  }
})

test('the hour of an instant is the rollup it belongs to, before 1970 as well', () => {
  expect(startOfHour(at('2026-03-01T03:59:59Z'))).toBe(at('2026-03-01T03:00:00Z'))
  expect(startOfHour(-1)).toBe(-HOUR_MS)
})

test('before the anchor periods are counted backwards, and end where the first one begins', () => {
  const anchor = at('2026-03-31T00:00:00Z')
  const before = periodAt(anchor, duration('P1M'), anchor - 1)

  expect(before).toEqual({ ordinal: -1, startsAt: at('2026-02-28T00:00:00Z'), endsAt: anchor })
  fc.assert(
    fc.property(
      instants,
      fc.nat(40_000),
      fc.constantFrom('P1M', 'P1Y', 'P1W', 'PT1H'),
      (to, hours, cadence) => {
        const instant = to - hours * HOUR_MS
        const period = periodAt(to, duration(cadence), instant)
        expect(period.startsAt <= instant && instant < period.endsAt).toBe(true)
        expect(period.endsAt).toBe(boundary(to, duration(cadence), period.ordinal + 1))
      },
    ),
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { periodContaining, type Recurrence } from './periods.ts'
import { distribute, remainingShare } from './prorations.ts'

const seconds = (iso: string) => Date.parse(iso) / 1_000
const day = (at: number) => new Date(at * 1_000).toISOString().slice(0, 10)
const month: Recurrence = { interval: 'month', interval_count: 1 }
const recurrences = fc.record({
  interval: fc.constantFrom('day' as const, 'week' as const, 'month' as const, 'year' as const),
  interval_count: fc.integer({ min: 1, max: 4 }),
})
const instants = fc.integer({
  min: seconds('2020-01-01T00:00:00Z'),
  max: seconds('2035-01-01T00:00:00Z'),
})

test('an anchor on the 31st falls on the last day of short months and comes back', () => {
  const anchor = seconds('2026-01-31T10:00:00Z')
  const ends: string[] = []
  let at = anchor
  for (let k = 0; k < 4; k++) {
    const period = periodContaining({ billing_cycle_anchor: anchor }, month, at)
    ends.push(day(period.end))
    at = period.end
  }
  expect(ends).toEqual(['2026-02-28', '2026-03-31', '2026-04-30', '2026-05-31'])
})

test('an anchor that was asked to keep to the 31st comes back to it from a shorter month', () => {
  const rhythm = {
    billing_cycle_anchor: seconds('2026-02-28T10:00:00Z'),
    billing_cycle_anchor_config: { day_of_month: 31 },
  }
  const period = periodContaining(rhythm, month, seconds('2026-03-30T00:00:00Z'))
  expect([day(period.start), day(period.end)]).toEqual(['2026-02-28', '2026-03-31'])
})

test('periods before the anchor keep its day of the month', () => {
  const anchor = seconds('2026-03-31T00:00:00Z')
  const period = periodContaining(
    { billing_cycle_anchor: anchor },
    month,
    seconds('2026-02-10T00:00:00Z'),
  )
  expect([day(period.start), day(period.end)]).toEqual(['2026-01-31', '2026-02-28'])
})

test('every instant lies in its period, on either side of the anchor, and periods tile', () => {
  fc.assert(
    fc.property(instants, instants, recurrences, (anchor, at, recurrence) => {
      const period = periodContaining({ billing_cycle_anchor: anchor }, recurrence, at)
      expect(period.start <= at && at < period.end).toBe(true)
      expect(periodContaining({ billing_cycle_anchor: anchor }, recurrence, period.end).start).toBe(
        period.end,
      )
    }),
  )
})

test('half a period of 10.00 is 5.00, and a share never exceeds the whole', () => {
  const period = { start: 0, end: 1_000 }
  expect(remainingShare(1_000, period, 500, 'usd')).toBe(500)
  expect(remainingShare(1_000, period, -5, 'usd')).toBe(1_000)
  expect(remainingShare(1_000, period, 2_000, 'usd')).toBe(0)
})

test('a coupon of 5.00 over 10.00 and 20.00 is 1.66 and 3.34, and nothing is ever lost', () => {
  expect(distribute(500, [1_000, 2_000], 'usd')).toEqual([166, 334])
  fc.assert(
    fc.property(fc.nat(100_000), fc.array(fc.nat(100_000), { minLength: 1 }), (whole, weights) => {
      const parts = distribute(whole, weights, 'usd')
      const sum = parts.reduce((a, b) => a + b, 0)
      expect(sum).toBe(weights.some((weight) => weight > 0) ? whole : 0)
    }),
  )
})

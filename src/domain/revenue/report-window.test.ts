import { expect, test } from 'vitest'
import { at } from '../../../test/support/plans.ts'
import { DAY_MS, formatInstant } from '../../kit/instant.ts'
import { intervalsOf, reportWindow } from './report-window.ts'

const NOW = at('2026-03-15')

test('a report is about the last thirty days, and never about what lies ahead', () => {
  expect(reportWindow({}, NOW)).toEqual({ startsAt: NOW + 1 - 30 * DAY_MS, endsAt: NOW + 1 })
  expect(reportWindow({ from: at('2026-03-01'), to: at('2027-01-01') }, NOW)).toEqual({
    startsAt: at('2026-03-01'),
    endsAt: NOW + 1,
  })
})

test('S2.31 a report is about a year at most, and about some time', () => {
  expect(reportWindow({ from: at('2025-03-01') }, NOW)).toHaveProperty('problem')
  expect(reportWindow({ from: at('2025-03-16') }, NOW)).not.toHaveProperty('problem')
  expect(reportWindow({ from: NOW, to: NOW }, NOW)).toHaveProperty('problem')
})

test('months and days follow each other without a gap, the first and last one cut', () => {
  const window = { startsAt: at('2026-01-20'), endsAt: at('2026-03-05') }
  const days = intervalsOf({ ...window, startsAt: window.startsAt + 1 }, 'day')

  expect(
    intervalsOf(window, 'month').map(({ startsAt, endsAt }) =>
      [startsAt, endsAt].map((time) => formatInstant(time).slice(0, 10)),
    ),
  ).toEqual([
    ['2026-01-20', '2026-02-01'],
    ['2026-02-01', '2026-03-01'],
    ['2026-03-01', '2026-03-05'],
  ])
  expect(days).toHaveLength(44)
  days.slice(1).forEach(({ startsAt }, i) => expect(startsAt).toBe(days[i]?.endsAt))
})

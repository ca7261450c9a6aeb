import { expect, test } from 'vitest'
import { usageQuestion } from './usage-range.ts'

const NOW = Date.parse('2026-03-16T14:05:33Z')
const PERIOD = { startsAt: '2026-03-01T09:30:00Z', endsAt: '2026-04-01T09:30:00Z' }

const asked = (range: Parameters<typeof usageQuestion>[0]['range'], over = {}) =>
  usageQuestion({ meter: 'requests', range, period: PERIOD, timeZone: 'UTC', ...over }, NOW)

test('a range ends with the bucket that is running and begins with a whole one', () => {
  expect(asked('day')).toEqual({
    meter: 'requests',
    from: '2026-03-15T15:00:00.000Z',
    to: '2026-03-16T15:00:00.000Z',
    grain: 'hour',
  })
  expect(asked('week')).toMatchObject({ from: '2026-03-10T00:00:00.000Z', grain: 'day' })
  expect(asked('month')).toMatchObject({ from: '2026-02-15T00:00:00.000Z', grain: 'day' })
  expect(asked('year')).toMatchObject({ from: '2025-04-01T00:00:00.000Z', grain: 'month' })
})

test('days are those of the account, not of the reader', () => {
  const { from, to } = asked('week', { timeZone: 'Asia/Tokyo' })

  expect([from, to]).toEqual(['2026-03-09T15:00:00.000Z', '2026-03-16T15:00:00.000Z'])
})

test('the period is exactly what the quota is counted over', () => {
  expect(asked('period')).toMatchObject({
    from: PERIOD.startsAt,
    to: PERIOD.endsAt,
    grain: 'day',
  })
})

test('a quota of a day is shown by the hour', () => {
  const period = { startsAt: '2026-03-16T00:00:00Z', endsAt: '2026-03-17T00:00:00Z' }

  expect(asked('period', { period }).grain).toBe('hour')
})

test('without a quota the period is the last month', () => {
  expect(asked('period', { period: undefined })).toEqual(asked('month'))
})

test('the question stays the same while its last bucket runs, so that its answer is not thrown away', () => {
  const later = usageQuestion(
    { meter: 'requests', range: 'week', period: undefined, timeZone: 'UTC' },
    NOW + 3_600_000,
  )

  expect(later).toEqual(asked('week'))
})

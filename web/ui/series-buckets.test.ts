import { expect, test } from 'vitest'
import { fillSeries, nextBucket, previousBucket, startOfBucket } from './series-buckets.ts'

const iso = (at: number) => new Date(at).toISOString()
const start = (at: string, grain: 'hour' | 'day' | 'month', zone: string) =>
  iso(startOfBucket(Date.parse(at), grain, zone))

test('days and months begin at midnight of the zone', () => {
  expect(start('2026-03-16T03:30:00Z', 'day', 'UTC')).toBe('2026-03-16T00:00:00.000Z')
  expect(start('2026-03-16T03:30:00Z', 'day', 'America/New_York')).toBe('2026-03-15T04:00:00.000Z')
  expect(start('2026-03-16T03:30:00Z', 'month', 'Asia/Tokyo')).toBe('2026-02-28T15:00:00.000Z')
})

test('hours begin on the wall clock, also where that is half past in UTC', () => {
  expect(start('2026-03-16T03:45:12.5Z', 'hour', 'Asia/Kolkata')).toBe('2026-03-16T03:30:00.000Z')
})

test('a day on which clocks change has 23 or 25 hours', () => {
  const zone = 'Europe/Berlin'
  const spring = startOfBucket(Date.parse('2026-03-29T10:00:00Z'), 'day', zone)
  const autumn = startOfBucket(Date.parse('2026-10-25T10:00:00Z'), 'day', zone)

  expect((nextBucket(spring, 'day', zone) - spring) / 3_600_000).toBe(23)
  expect((nextBucket(autumn, 'day', zone) - autumn) / 3_600_000).toBe(25)
})

test('a midnight that clocks skip is the moment they skip it', () => {
  // In Beirut clocks went from 0:00 to 1:00 on March 29, 2026.
  const day = startOfBucket(Date.parse('2026-03-29T10:00:00Z'), 'day', 'Asia/Beirut')

  expect(iso(day)).toBe('2026-03-28T22:00:00.000Z')
})

test('stepping forth and back through a year of any grain ends where it began', () => {
  for (const zone of ['UTC', 'Europe/Berlin', 'America/St_Johns', 'Australia/Lord_Howe']) {
    for (const [grain, steps] of [
      ['hour', 9_000],
      ['day', 366],
      ['month', 12],
    ] as const) {
      const first = startOfBucket(Date.parse('2026-01-15T12:00:00Z'), grain, zone)
      let at = first
      for (let n = 0; n < steps; n++) at = nextBucket(at, grain, zone)
      for (let n = 0; n < steps; n++) at = previousBucket(at, grain, zone)

      expect([zone, grain, iso(at)]).toEqual([zone, grain, iso(first)])
    }
  }
})

test('a filled series has every bucket of its range once, with nothing where nothing happened', () => {
  const points = [
    { at: '2026-02-28T00:00:00Z', value: '12' },
    { at: '2026-03-02T00:00:00Z', value: '0.5' },
    { at: '2026-03-09T00:00:00Z', value: '99' },
  ]

  const series = fillSeries(points, {
    from: '2026-02-27T00:00:00Z',
    to: '2026-03-03T00:00:00Z',
    grain: 'day',
    timeZone: 'UTC',
  })

  expect(series.times.map((at) => at.slice(0, 10))).toEqual([
    '2026-02-27',
    '2026-02-28',
    '2026-03-01',
    '2026-03-02',
  ])
  expect(series.values).toEqual(['0', '12', '0', '0.5'])
})

test('a range without an end in sight is cut, not drawn', () => {
  const range = { from: '1990-01-01T00:00:00Z', to: '2090-01-01T00:00:00Z', grain: 'hour' } as const

  expect(fillSeries([], { ...range, timeZone: 'UTC' }).times).toHaveLength(2_000)
})

import { expect, test } from 'vitest'
import {
  bucketName,
  type Series,
  stack,
  summarize,
  tickIndexes,
  tickName,
} from './present-series.ts'

const series = (key: string, values: Series['values']): Series => ({ key, label: key, values })
const DAYS = ['2026-03-01T12:00:00Z', '2026-03-02T12:00:00Z', '2026-03-03T12:00:00Z']

test('a chart says its total, its range and its peak in one sentence', () => {
  const data = {
    times: DAYS,
    grain: 'day' as const,
    unit: 'calls',
    series: [series('a', ['100', '2500', null]), series('b', ['0.5', '1', '3'])],
  }

  expect(summarize(data)).toBe(
    '2,604.5 calls from Mar 1, 2026 to Mar 3, 2026; most on Mar 2, 2026 (2,501).',
  )
})

test('a chart without anything to show says so instead of naming a peak', () => {
  const nothing = { times: DAYS, grain: 'day' as const, unit: 'calls', series: [] }

  expect(summarize(nothing)).toBe('No calls in this range.')
  expect(summarize({ ...nothing, times: [], series: [series('a', [])] })).toBe(
    'No calls in this range.',
  )
})

test('totals are exact where floating-point sums are not', () => {
  const data = {
    times: DAYS,
    grain: 'day' as const,
    unit: 'credits',
    series: [series('a', ['0.1', '0.2', '9007199254740993'])],
  }

  expect(summarize(data)).toContain('9,007,199,254,740,993.3 credits')
})

test('stacked bars end at the sum of everything below them', () => {
  expect(stack([series('a', ['1', null, '3']), series('b', ['10', '20', '30'])], 3)).toEqual([
    [1, 0, 3],
    [11, 20, 33],
  ])
})

test('a bucket is named as finely as it is', () => {
  const at = '2026-03-01T00:00:00Z'

  expect(bucketName(at, { grain: 'day' })).toBe('Mar 1, 2026')
  expect(bucketName(at, { grain: 'month' })).toBe('March 2026')
  expect(tickName(at, { grain: 'day' })).toBe('Mar 1')
  expect(tickName(at, { grain: 'month' })).toBe('Mar 26')
})

test('a day is the day of the zone it was counted in, wherever the viewer sits', () => {
  const berlinMidnight = '2026-02-28T23:00:00Z'

  expect(bucketName(berlinMidnight, { grain: 'day', timeZone: 'Europe/Berlin' })).toBe(
    'Mar 1, 2026',
  )
  expect(bucketName('2026-03-01T00:00:00Z', { grain: 'day', timeZone: 'UTC' })).toBe('Mar 1, 2026')
})

test('an axis names as many buckets as have room, evenly, beginning with the first', () => {
  expect(tickIndexes(30, 720)).toEqual([0, 3, 6, 9, 12, 15, 18, 21, 24, 27])
  expect(tickIndexes(3, 720)).toEqual([0, 1, 2])
  expect(tickIndexes(30, 10)).toEqual([0])
  expect(tickIndexes(0, 720)).toEqual([])
})

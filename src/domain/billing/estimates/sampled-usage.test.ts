import fc from 'fast-check'
import { expect, test } from 'vitest'
import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import { DAY_MS } from '../../../kit/instant.ts'
import type { Aggregation } from '../../catalog/meter.ts'
import type { UsageQuery } from '../usage-reading.ts'
import { answerFromSample, type SampledEvent, type UsageSample } from './sampled-usage.ts'

const period = { startsAt: 0, endsAt: 30 * DAY_MS }
const query = (
  startsAt: number,
  endsAt: number,
  changes: Partial<UsageQuery> = {},
): UsageQuery => ({
  meterKey: 'm',
  dimensions: [],
  startsAt,
  endsAt,
  weightedOver: period,
  needsEventValues: false,
  ...changes,
})
const quantity = (text: string, eventCount: bigint | null = null): UsageSample => ({
  kind: 'quantities',
  quantities: [{ meterKey: 'm', dimensions: {}, quantity: decimal(text), eventCount }],
})
const event = (day: number, value: string, changes: Partial<SampledEvent> = {}): SampledEvent => ({
  meterKey: 'm',
  identity: `${day}:${value}`,
  at: day * DAY_MS,
  value: decimal(value),
  text: value,
  dimension: '',
  ...changes,
})
const told = (sample: UsageSample, asked: UsageQuery, aggregation: Aggregation) =>
  answerFromSample(sample, asked, aggregation, period).map((row) => formatDecimal(row.quantity))

test('however a period is cut, the parts of a sum are its whole, and whole numbers stay whole', () => {
  const days = fc.uniqueArray(fc.integer({ min: 1, max: 29 }), { maxLength: 8 })
  fc.assert(
    fc.property(fc.bigInt(0n, 10n ** 9n), days, (total, cuts) => {
      const ends = [0, ...cuts.toSorted((a, b) => a - b), 30].map((day) => day * DAY_MS)
      const parts = ends.slice(1).flatMap((endsAt, index) => {
        const asked = query(ends[index] ?? 0, endsAt)
        return answerFromSample(quantity(String(total)), asked, 'sum', period)
      })

      expect(parts.reduce((sum, part) => sum + part.quantity, 0n)).toBe(decimal(total))
      expect(parts.reduce((sum, part) => sum + part.eventCount, 0n)).toBe(total)
      expect(parts.every((part) => part.quantity % decimal(1) === 0n)).toBe(true)
    }),
  )
})

test('a level that is named for the period is held through it', () => {
  const half = query(0, 15 * DAY_MS)

  expect(told(quantity('40'), query(0, period.endsAt), 'time_weighted_sum')).toEqual(['40'])
  expect(told(quantity('40'), half, 'time_weighted_sum')).toEqual(['20'])
  expect(told(quantity('40'), half, 'latest')).toEqual(['40'])
  expect(told(quantity('40'), half, 'max')).toEqual(['40'])
})

test('where a price has bounds for each event, all of them are taken to be alike', () => {
  const asked = query(0, period.endsAt, { needsEventValues: true })
  const [row] = answerFromSample(quantity('100', 4n), asked, 'sum', period)

  expect(row?.eventValues).toEqual([{ value: decimal(25), count: 4n }])
})

test('events are aggregated as the meter says, within the time that is asked about', () => {
  const events = [event(1, '3'), event(2, '5', { text: '3' }), event(20, '4')]
  const sample: UsageSample = { kind: 'events', events }
  const half = query(0, 15 * DAY_MS)

  expect(told(sample, half, 'sum')).toEqual(['8'])
  expect(told(sample, half, 'count')).toEqual(['2'])
  expect(told(sample, half, 'max')).toEqual(['5'])
  expect(told(sample, half, 'unique')).toEqual(['1'])
  expect(told(sample, half, 'latest')).toEqual(['5'])
})

test('a level is carried on from before, for each combination of dimensions apart', () => {
  const events = [
    event(0, '1', { dimension: '{"disk":"a"}' }),
    event(0, '2', { dimension: '{"disk":"b"}' }),
    event(15, '0', { dimension: '{"disk":"b"}' }),
  ]
  const sample: UsageSample = { kind: 'events', events }

  expect(told(sample, query(0, period.endsAt), 'time_weighted_sum')).toEqual(['2'])
  expect(told(sample, query(15 * DAY_MS, period.endsAt), 'time_weighted_sum')).toEqual(['0.5'])
  expect(told(sample, query(10 * DAY_MS, 15 * DAY_MS), 'latest')).toEqual(['3'])
})

test('events are kept apart by the dimensions a price asks for', () => {
  const events = [
    event(1, '2', { dimension: '{"model":"large","region":"eu"}' }),
    event(2, '3', { dimension: '{"model":"large","region":"us"}' }),
    event(3, '4', { dimension: '{"model":"small","region":"us"}' }),
  ]
  const asked = query(0, period.endsAt, { dimensions: ['model'] })
  const rows = answerFromSample({ kind: 'events', events }, asked, 'sum', period)

  expect(rows.map((row) => [row.dimensions['model'], formatDecimal(row.quantity)])).toEqual([
    ['large', '5'],
    ['small', '4'],
  ])
})

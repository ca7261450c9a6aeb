import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Decimal, decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import { DAY_MS, HOUR_MS } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { Aggregation } from '../catalog/meter.ts'
import {
  type AggregateContext,
  aggregateEvents,
  aggregateValue,
  type MeasuredEvent,
  mergeAggregates,
} from './aggregate.ts'

const MONTH: Period = { startsAt: 0, endsAt: 30 * DAY_MS }
const AGGREGATIONS: Aggregation[] = ['count', 'sum', 'max', 'unique', 'latest', 'time_weighted_sum']

const context = (changes: Partial<AggregateContext> = {}): AggregateContext => ({
  period: MONTH,
  carriedLevel: null,
  weightedOver: MONTH,
  ...changes,
})
const reading = (day: number, value: string, identity = `day-${day}`): MeasuredEvent => ({
  identity,
  at: day * DAY_MS,
  value: decimal(value),
  text: value,
})
const value = (
  aggregation: Aggregation,
  events: readonly MeasuredEvent[],
  given: Partial<AggregateContext> = {},
) => formatDecimal(aggregateValue(aggregateEvents(aggregation, events), context(given)))

const histories = fc.uniqueArray(
  fc.record({
    identity: fc.uuid(),
    at: fc.nat(30 * DAY_MS - 1),
    value: fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n }).map((n) => n as Decimal),
    text: fc.constantFrom('a', 'b', 'c'),
  }),
  { selector: ({ identity }) => identity, maxLength: 40 },
)
const aggregations = fc.constantFrom(...AGGREGATIONS)

test('S4.6 1 GB for 15 days and 2 GB for 15 days are 1.5 GB-months, not 45', () => {
  expect(value('time_weighted_sum', [reading(0, '1'), reading(15, '2')])).toBe('1.5')
})

test('S4.6 daily snapshots of an unchanged level are that level, not thirty times it', () => {
  const snapshots = Array.from({ length: 30 }, (_, day) => reading(day, '40'))
  expect(value('time_weighted_sum', snapshots)).toBe('40')
})

test('a level stays from the month before until the first reading, and until the end after the last', () => {
  expect(value('time_weighted_sum', [reading(15, '2')], { carriedLevel: decimal(1) })).toBe('1.5')
  expect(value('time_weighted_sum', [], { carriedLevel: decimal(7) })).toBe('7')
})

test('half a period counts half, because the average is over the whole', () => {
  const half = { startsAt: 0, endsAt: 15 * DAY_MS }
  expect(value('time_weighted_sum', [reading(0, '1')], { period: half })).toBe('0.5')
})

test('the five simple aggregations', () => {
  const events = [reading(1, '5'), reading(2, '3'), reading(3, '3'), reading(4, '-1')]
  expect(value('count', events)).toBe('4')
  expect(value('sum', events)).toBe('10')
  expect(value('max', events)).toBe('5')
  expect(value('unique', events)).toBe('3')
  expect(value('latest', events)).toBe('-1')
})

test('nothing measured is zero, except for a level that was carried on', () => {
  for (const aggregation of AGGREGATIONS) expect(value(aggregation, [])).toBe('0')
  expect(value('latest', [], { carriedLevel: decimal(3) })).toBe('3')
})

test('every aggregation gives the same number for any order and any duplication of the events', () => {
  const disorder = fc.tuple(histories, fc.array(fc.nat()), fc.array(fc.nat()))
  fc.assert(
    fc.property(aggregations, disorder, (aggregation, [events, repeats, order]) => {
      const repeated = repeats.flatMap((n) => events[n % events.length] ?? [])
      const shuffled = [...events, ...repeated]
        .map((event, i) => ({ event, rank: order[i % order.length] ?? 0 }))
        .toSorted((a, b) => a.rank - b.rank)
        .map(({ event }) => event)
      expect(value(aggregation, shuffled)).toBe(value(aggregation, events))
    }),
  )
})

test('hours that were aggregated apart merge, in any order, into the aggregate of the whole', () => {
  fc.assert(
    fc.property(aggregations, histories, fc.boolean(), (aggregation, events, isReversed) => {
      const hours = Map.groupBy(events, ({ at }) => Math.floor(at / HOUR_MS))
      const inTime = [...hours].toSorted(([a], [b]) => a - b).map(([, slice]) => slice)
      const slices = isReversed ? inTime.toReversed() : inTime
      const merged = slices
        .map((slice) => aggregateEvents(aggregation, slice))
        .reduce(mergeAggregates, aggregateEvents(aggregation, []))
      expect(formatDecimal(aggregateValue(merged, context()))).toBe(value(aggregation, events))
    }),
  )
})

test('two readings of one moment: the same one is the later everywhere', () => {
  const events = [reading(1, '5', 'a'), reading(1, '9', 'b')]
  expect(value('latest', events)).toBe('9')
  expect(value('latest', events.toReversed())).toBe('9')
})

test('what cannot be merged exactly is refused, not approximated', () => {
  const count = aggregateEvents('count', [])
  expect(() => mergeAggregates(count, aggregateEvents('sum', []))).toThrow('Cannot merge')
  const outer = aggregateEvents('time_weighted_sum', [reading(1, '1'), reading(3, '1')])
  const inner = aggregateEvents('time_weighted_sum', [reading(2, '1')])
  expect(() => mergeAggregates(outer, inner)).toThrow('interleave')
})

test('a reading outside of the period is a bug and not quietly counted', () => {
  const late = aggregateEvents('time_weighted_sum', [reading(30, '1')])
  expect(() => aggregateValue(late, context({ carriedLevel: ZERO }))).toThrow('outside')
})

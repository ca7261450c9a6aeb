import { add, type Decimal, divideRounded, ONE, ZERO } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { Aggregation } from '../../catalog/meter.ts'
import { aggregateEvents, aggregateValue } from '../../metering/aggregate.ts'
import { formatDimension, parseDimension, pickDimensions } from '../../metering/dimension.ts'
import type { UsageQuantity, UsageQuery } from '../usage-reading.ts'

/** Usage that never happened: the numbers of a period, or single events of it. */
export type UsageSample =
  | { readonly kind: 'quantities'; readonly quantities: readonly SampledQuantity[] }
  | { readonly kind: 'events'; readonly events: readonly SampledEvent[] }

/** What a meter would show for the whole period. */
export interface SampledQuantity {
  readonly meterKey: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly quantity: Decimal
  /** Null: one for each unit. */
  readonly eventCount: bigint | null
}

/** What one event gives one meter. */
export interface SampledEvent {
  readonly meterKey: string
  /** Tells readings of one moment apart, in their order. */
  readonly identity: string
  readonly at: Instant
  readonly value: Decimal
  readonly text: string
  /** Canonical text of all the meter's dimensions. */
  readonly dimension: string
}

/** Answers what the rater asks of metering, from a sample. */
export function answerFromSample(
  sample: UsageSample,
  query: UsageQuery,
  aggregation: Aggregation,
  period: Period,
): UsageQuantity[] {
  if (sample.kind === 'events') {
    const own = sample.events.filter(({ meterKey }) => meterKey === query.meterKey)
    return isLevel(aggregation)
      ? levelsOf(own, query, aggregation)
      : aggregatesOf(own, query, aggregation)
  }
  const own = sample.quantities.filter(({ meterKey }) => meterKey === query.meterKey)
  return sumsBy(
    own.map((each) => partOf(each, query, aggregation, period)),
    query,
  )
}

function isLevel(aggregation: Aggregation): aggregation is 'latest' | 'time_weighted_sum' {
  return aggregation === 'latest' || aggregation === 'time_weighted_sum'
}

function aggregatesOf(
  events: readonly SampledEvent[],
  query: UsageQuery,
  aggregation: Aggregation,
): UsageQuantity[] {
  const within = events.filter(({ at }) => query.startsAt <= at && at < query.endsAt)
  const keyOf = ({ dimension }: SampledEvent) =>
    formatDimension(pickDimensions(parseDimension(dimension), query.dimensions))
  return [...Map.groupBy(within, keyOf)].map(([key, own]) => ({
    dimensions: parseDimension(key),
    quantity: aggregateValue(aggregateEvents(aggregation, own), {
      period: query,
      carriedLevel: null,
      weightedOver: query.weightedOver,
    }),
    eventCount: BigInt(own.length),
    eventValues: query.needsEventValues ? own.map(({ value }) => ({ value, count: 1n })) : [],
  }))
}

/** Levels belong to all dimensions they were read with, are carried on, and add up. */
function levelsOf(
  events: readonly SampledEvent[],
  query: UsageQuery,
  aggregation: 'latest' | 'time_weighted_sum',
): UsageQuantity[] {
  const known = events.filter(({ at }) => at < query.endsAt)
  const rows = [...Map.groupBy(known, ({ dimension }) => dimension)].map(([dimension, own]) => {
    const within = own.filter(({ at }) => at >= query.startsAt)
    const before = own.filter(({ at }) => at < query.startsAt)
    const carried = aggregateValue(aggregateEvents('latest', before), {
      period: query,
      carriedLevel: null,
      weightedOver: query.weightedOver,
    })
    return {
      dimensions: parseDimension(dimension),
      quantity: aggregateValue(aggregateEvents(aggregation, within), {
        period: query,
        carriedLevel: carried,
        weightedOver: query.weightedOver,
      }),
      eventCount: BigInt(within.length),
      eventValues: [],
    }
  })
  return sumsBy(rows, query)
}

/** The part of a period's number that falls into the time that is asked about. */
function partOf(
  { quantity, eventCount, dimensions }: SampledQuantity,
  query: UsageQuery,
  aggregation: Aggregation,
  period: Period,
): UsageQuantity {
  const events = eventCount ?? quantity / ONE
  switch (aggregation) {
    case 'count':
    case 'sum': {
      // Whole numbers stay whole: nobody makes half a call.
      const step = quantity % ONE === 0n ? ONE : 1n
      const part = (spread(quantity / step, query, period) * step) as Decimal
      const count = spread(events, query, period)
      return { dimensions, quantity: part, eventCount: count, eventValues: evenly(part, count) }
    }
    case 'time_weighted_sum': {
      const heldMs = BigInt(overlap(query, period))
      const overMs = BigInt(query.weightedOver.endsAt - query.weightedOver.startsAt)
      const part = divideRounded(quantity * heldMs, overMs) as Decimal
      return { dimensions, quantity: part, eventCount: events, eventValues: [] }
    }
    case 'max':
    case 'unique':
    case 'latest':
      return { dimensions, quantity, eventCount: events, eventValues: [] }
  }
}

/** As if it happened evenly over the period. Parts of neighbouring times add up to the whole exactly. */
function spread(total: bigint, query: Period, period: Period): bigint {
  const length = BigInt(period.endsAt - period.startsAt)
  const until = (at: Instant) => {
    const inside = Math.min(Math.max(at, period.startsAt), period.endsAt)
    return (total * BigInt(inside - period.startsAt)) / length
  }
  return until(query.endsAt) - until(query.startsAt)
}

function overlap(a: Period, b: Period): number {
  return Math.max(0, Math.min(a.endsAt, b.endsAt) - Math.max(a.startsAt, b.startsAt))
}

function evenly(quantity: Decimal, count: bigint): UsageQuantity['eventValues'] {
  if (count === 0n) return []
  return [{ value: divideRounded(quantity, count) as Decimal, count }]
}

function sumsBy(rows: readonly UsageQuantity[], query: UsageQuery): UsageQuantity[] {
  const sums = new Map<string, UsageQuantity>()
  for (const row of rows) {
    const dimensions = pickDimensions(row.dimensions, query.dimensions)
    const key = formatDimension(dimensions)
    const sum = sums.get(key)
    sums.set(key, {
      dimensions,
      quantity: add(sum?.quantity ?? ZERO, row.quantity),
      eventCount: (sum?.eventCount ?? 0n) + row.eventCount,
      eventValues: query.needsEventValues ? [...(sum?.eventValues ?? []), ...row.eventValues] : [],
    })
  }
  return [...sums.values()]
}

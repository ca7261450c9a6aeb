import { assertNever } from '../../kit/assert.ts'
import { add, type Decimal, decimal, divideRounded, maxDecimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { Aggregation } from '../catalog/meter.ts'

/**
 * How events become one number. Events may arrive twice and in any order and the number is the same; slices of a
 * period that were aggregated apart, such as hours, merge into the aggregate of the whole.
 */
export interface MeasuredEvent {
  /** Source and id as one: two events with the same identity are the same event. */
  readonly identity: string
  readonly at: Instant
  /** What sum, max, latest and the time-weighted sum work on; a level, not a change, for the last. */
  readonly value: Decimal
  /** What unique counts. */
  readonly text: string
}

/** An aggregate that can still be merged with that of other events of the same meter. */
export type PartialAggregate =
  | { readonly aggregation: 'count'; readonly count: bigint }
  | { readonly aggregation: 'sum'; readonly sum: Decimal }
  | { readonly aggregation: 'max'; readonly max: Decimal | null }
  | { readonly aggregation: 'unique'; readonly texts: ReadonlySet<string> }
  | { readonly aggregation: 'latest'; readonly latest: Reading | null }
  | { readonly aggregation: 'time_weighted_sum'; readonly slice: LevelSlice | null }

interface Reading {
  readonly at: Instant
  readonly identity: string
  readonly value: Decimal
}

/** A stretch of time in which a level is known: from its first reading to its last. */
interface LevelSlice {
  readonly first: Reading
  readonly last: Reading
  /** Σ level × milliseconds held, between the first and the last reading. */
  readonly area: bigint
}

export function aggregateEvents(
  aggregation: Aggregation,
  events: Iterable<MeasuredEvent>,
): PartialAggregate {
  const unique = new Map<string, MeasuredEvent>()
  for (const event of events) unique.set(event.identity, event)
  const distinct = [...unique.values()]
  switch (aggregation) {
    case 'count':
      return { aggregation, count: BigInt(distinct.length) }
    case 'sum':
      return { aggregation, sum: distinct.reduce((sum, { value }) => add(sum, value), ZERO) }
    case 'max':
      return {
        aggregation,
        max: distinct.reduce<Decimal | null>((max, { value }) => larger(max, value), null),
      }
    case 'unique':
      return { aggregation, texts: new Set(distinct.map(({ text }) => text)) }
    case 'latest':
      return { aggregation, latest: distinct.toSorted(byTime).at(-1) ?? null }
    case 'time_weighted_sum':
      return { aggregation, slice: sliceOf(distinct.toSorted(byTime)) }
    default:
      return assertNever(aggregation)
  }
}

/**
 * The aggregate of both sets of events, which must not share any: a partial aggregate has forgotten identities, so it
 * cannot see a duplicate. Time-weighted slices must also not interleave; hours and days never do.
 */
export function mergeAggregates(a: PartialAggregate, b: PartialAggregate): PartialAggregate {
  switch (a.aggregation) {
    case 'count':
      return { ...a, count: a.count + same(a, b).count }
    case 'sum':
      return { ...a, sum: add(a.sum, same(a, b).sum) }
    case 'max': {
      const { max } = same(a, b)
      return max === null ? a : { ...a, max: larger(a.max, max) }
    }
    case 'unique':
      return { ...a, texts: new Set([...a.texts, ...same(a, b).texts]) }
    case 'latest':
      return { ...a, latest: later(a.latest, same(a, b).latest) }
    case 'time_weighted_sum':
      return { ...a, slice: mergeSlices(a.slice, same(a, b).slice) }
    default:
      return assertNever(a)
  }
}

export interface AggregateContext {
  /** The time the number is for; the events lie in it. */
  readonly period: Period
  /** The level when the period began: the last reading before it. Latest and time-weighted sums carry it on. */
  readonly carriedLevel: Decimal | null
  /** What a time-weighted sum is an average over: the whole billing period, also for a part of it. */
  readonly weightedOver: Period
}

/** The number a price applies to. Nothing measured is zero. */
export function aggregateValue(partial: PartialAggregate, context: AggregateContext): Decimal {
  switch (partial.aggregation) {
    case 'count':
      return decimal(partial.count)
    case 'sum':
      return partial.sum
    case 'max':
      return partial.max ?? ZERO
    case 'unique':
      return decimal(BigInt(partial.texts.size))
    case 'latest':
      return partial.latest?.value ?? context.carriedLevel ?? ZERO
    case 'time_weighted_sum':
      return timeWeighted(partial.slice, context)
    default:
      return assertNever(partial)
  }
}

function timeWeighted(
  slice: LevelSlice | null,
  { period, carriedLevel, weightedOver }: AggregateContext,
): Decimal {
  const carried = carriedLevel ?? ZERO
  const length = BigInt(weightedOver.endsAt - weightedOver.startsAt)
  if (slice === null) return held(carried, period.endsAt - period.startsAt, length)
  const { first, last, area } = slice
  if (first.at < period.startsAt || last.at >= period.endsAt) {
    throw new RangeError('A time-weighted sum was given readings outside of its period')
  }
  const before = carried * BigInt(first.at - period.startsAt)
  const after = last.value * BigInt(period.endsAt - last.at)
  return divideRounded(before + area + after, length) as Decimal
}

function held(level: Decimal, forMs: number, overMs: bigint): Decimal {
  return divideRounded(level * BigInt(forMs), overMs) as Decimal
}

function sliceOf(readings: readonly Reading[]): LevelSlice | null {
  const [first, ...rest] = readings
  if (first === undefined) return null
  let slice: LevelSlice = { first, last: first, area: 0n }
  for (const reading of rest) {
    slice = {
      first,
      last: reading,
      area: slice.area + slice.last.value * BigInt(reading.at - slice.last.at),
    }
  }
  return slice
}

function mergeSlices(a: LevelSlice | null, b: LevelSlice | null): LevelSlice | null {
  if (a === null || b === null) return a ?? b
  const [earlier, other] = byTime(a.first, b.first) <= 0 ? [a, b] : [b, a]
  if (byTime(earlier.last, other.first) > 0) {
    throw new RangeError('Time-weighted slices interleave and cannot be merged')
  }
  const between = earlier.last.value * BigInt(other.first.at - earlier.last.at)
  return { first: earlier.first, last: other.last, area: earlier.area + between + other.area }
}

/** Readings of one moment are put in order by their identity, so that the last one is the same everywhere. */
function byTime(a: Reading, b: Reading): number {
  if (a.at !== b.at) return a.at - b.at
  if (a.identity === b.identity) return 0
  return a.identity < b.identity ? -1 : 1
}

function later(a: Reading | null, b: Reading | null): Reading | null {
  if (a === null || b === null) return a ?? b
  return byTime(a, b) >= 0 ? a : b
}

function larger(max: Decimal | null, value: Decimal): Decimal {
  return max === null ? value : maxDecimal(max, value)
}

function same<A extends Aggregation>(
  a: PartialAggregate & { readonly aggregation: A },
  b: PartialAggregate,
): PartialAggregate & { readonly aggregation: A } {
  if (a.aggregation !== b.aggregation) {
    throw new RangeError(`Cannot merge ${b.aggregation} into ${a.aggregation}`)
  }
  return b as PartialAggregate & { readonly aggregation: A }
}

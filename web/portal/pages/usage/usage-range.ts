import { type Grain, nextBucket, startOfBucket } from '../../../ui/series-buckets.ts'
import type { UsageAsked } from '../../queries.ts'

/** How far back one looks. `period` is what the quota is counted over. */
export const RANGES = ['period', 'day', 'week', 'month', 'year'] as const
export type Range = (typeof RANGES)[number]

/** Each bucket by itself, or the running total that the quota is about. */
export const VIEWS = ['each', 'total'] as const
export type View = (typeof VIEWS)[number]

/** What a range is divided by. */
export const SHARED_BY = ['key', 'route'] as const
export type SharedBy = (typeof SHARED_BY)[number]

export const RANGE_LABELS: Record<Range, string> = {
  period: 'This period',
  day: '24 hours',
  week: '7 days',
  month: '30 days',
  year: '12 months',
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const LENGTHS: Record<Exclude<Range, 'period'>, { readonly ms: number; readonly grain: Grain }> = {
  day: { ms: 23 * HOUR_MS, grain: 'hour' },
  week: { ms: 6 * DAY_MS, grain: 'day' },
  month: { ms: 29 * DAY_MS, grain: 'day' },
  year: { ms: 335 * DAY_MS, grain: 'month' },
}

interface Wanted {
  readonly meter: string
  readonly range: Range
  /** The quota's period; without one there is none to look at. */
  readonly period: { readonly startsAt: string; readonly endsAt: string } | undefined
  readonly timeZone: string
}

/** What to ask the API for: whole buckets up to the one that is running, so the question stays the same within it. */
export function usageQuestion(
  { meter, range, period, timeZone }: Wanted,
  now: number,
): UsageAsked & { readonly grain: Grain } {
  if (range === 'period' && period !== undefined) {
    const isShort = Date.parse(period.endsAt) - Date.parse(period.startsAt) <= 2 * DAY_MS
    return { meter, from: period.startsAt, to: period.endsAt, grain: isShort ? 'hour' : 'day' }
  }
  const { ms, grain } = LENGTHS[range === 'period' ? 'month' : range]
  const from = startOfBucket(now - ms, grain, timeZone)
  const to = nextBucket(startOfBucket(now, grain, timeZone), grain, timeZone)
  return { meter, from: new Date(from).toISOString(), to: new Date(to).toISOString(), grain }
}

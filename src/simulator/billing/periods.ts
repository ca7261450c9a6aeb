import { boundary, type Duration } from '../../kit/period.ts'
import { DAY_MS } from '../../kit/instant.ts'

export interface Recurrence {
  readonly interval: 'day' | 'week' | 'month' | 'year'
  readonly interval_count: number
}

/** Half-open, in seconds. */
export interface BillingPeriod {
  readonly start: number
  readonly end: number
}

const MEAN_MONTH_SECONDS = (30.436875 * DAY_MS) / 1_000

function durationOf({ interval, interval_count: count }: Recurrence): Duration {
  switch (interval) {
    case 'day':
      return { ms: count * DAY_MS }
    case 'week':
      return { ms: 7 * count * DAY_MS }
    case 'month':
      return { months: count }
    case 'year':
      return { months: 12 * count }
  }
}

/** What a subscription counts its periods from. */
export interface Rhythm {
  readonly billing_cycle_anchor: number
  /** A day it was asked to keep to, which the anchor's own month may not have. */
  readonly billing_cycle_anchor_config?: { readonly day_of_month: number } | null
}

/** The k-th boundary from the anchor, before it for negative k. The 31st comes back after every short month. */
function boundaryAt(rhythm: Rhythm, length: Duration, k: number): number {
  const { billing_cycle_anchor: anchor, billing_cycle_anchor_config: config } = rhythm
  // The calendar knows whole days; what the anchor has beyond whole seconds is nothing.
  const at = new Date(boundary(anchor * 1_000, length, k))
  const day = config?.day_of_month ?? 0
  const first = new Date(anchor * 1_000)
  const isShort = day > first.getUTCDate() && first.getUTCDate() === lastDayOf(first)
  if ('months' in length && isShort) at.setUTCDate(Math.min(day, lastDayOf(at)))
  return at.getTime() / 1_000
}

function lastDayOf(month: Date): number {
  return new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 0)).getUTCDate()
}

/** The period of the anchor's rhythm that contains the instant, which may lie before the anchor. */
export function periodContaining(
  rhythm: Rhythm,
  recurrence: Recurrence,
  at: number,
): BillingPeriod {
  const length = durationOf(recurrence)
  const meanSeconds = 'ms' in length ? length.ms / 1_000 : length.months * MEAN_MONTH_SECONDS
  let k = Math.floor((at - rhythm.billing_cycle_anchor) / meanSeconds) + 1
  while (boundaryAt(rhythm, length, k) > at) k -= 1
  while (boundaryAt(rhythm, length, k + 1) <= at) k += 1
  return { start: boundaryAt(rhythm, length, k), end: boundaryAt(rhythm, length, k + 1) }
}

/** One interval after an instant, for what starts a new rhythm there. */
export function oneIntervalAfter(start: number, recurrence: Recurrence): number {
  return boundaryAt({ billing_cycle_anchor: start }, durationOf(recurrence), 1)
}

/** Orders intervals by length, roughly; equal lengths are equal. */
export function approximateSeconds({ interval, interval_count: count }: Recurrence): number {
  const days = { day: 1, week: 7, month: 30.436875, year: 365.2425 }[interval]
  return (count * days * DAY_MS) / 1_000
}

export function isSameRhythm(a: Recurrence, b: Recurrence): boolean {
  return a.interval === b.interval && a.interval_count === b.interval_count
}

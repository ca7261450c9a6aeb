import type { UsageQuestion } from '../../queries.ts'

/** How far back a usage chart looks. */
export const USAGE_RANGES = [
  { value: 'day', label: '24 hours' },
  { value: 'week', label: '7 days' },
  { value: 'month', label: '30 days' },
  { value: 'quarter', label: '90 days' },
] as const

export type UsageRange = (typeof USAGE_RANGES)[number]['value']

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS

const LENGTHS: Record<UsageRange, { readonly ms: number; readonly grain: 'hour' | 'day' }> = {
  day: { ms: DAY_MS, grain: 'hour' },
  week: { ms: 7 * DAY_MS, grain: 'hour' },
  month: { ms: 30 * DAY_MS, grain: 'day' },
  quarter: { ms: 90 * DAY_MS, grain: 'day' },
}

/** What to ask for: whole hours or days, so that the same question within an hour is the same. */
export function usageQuestion(meter: string, range: UsageRange, now: number): UsageQuestion {
  const { ms, grain } = LENGTHS[range]
  const bucket = grain === 'hour' ? HOUR_MS : DAY_MS
  const to = Math.ceil(now / HOUR_MS) * HOUR_MS
  const from = Math.floor((now - ms) / bucket + 1) * bucket
  return {
    meter,
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
    grain,
  }
}

import { DAY_MS, type Instant } from '../../kit/instant.ts'
import { boundary, duration, type Period, startOfCalendar } from '../../kit/period.ts'

/** A report is about a year at most. */
const LONGEST_DAYS = 366
const USUAL_DAYS = 30

/** What a report is about: as asked, or the last thirty days. Nothing is known of what lies ahead. */
export function reportWindow(
  asked: { readonly from?: Instant | undefined; readonly to?: Instant | undefined },
  now: Instant,
): Period | { readonly problem: string } {
  // Half-open: what happens at this very moment is part of it.
  const endsAt = Math.min(asked.to ?? now + 1, now + 1)
  const startsAt = asked.from ?? endsAt - USUAL_DAYS * DAY_MS
  if (startsAt >= endsAt) return { problem: 'must be before `to`, and before now' }
  if (endsAt - startsAt > LONGEST_DAYS * DAY_MS) {
    return { problem: `must be at most ${LONGEST_DAYS} days before \`to\`` }
  }
  return { startsAt, endsAt }
}

/** The window cut at midnights, or at the first of months, UTC. */
export function intervalsOf({ startsAt, endsAt }: Period, every: 'day' | 'month'): Period[] {
  const length = every === 'day' ? { ms: DAY_MS } : duration('P1M')
  const anchor = startOfCalendar(startsAt, every, 'UTC')
  const intervals: Period[] = []
  let from = startsAt
  for (let k = 1; from < endsAt; k++) {
    const to = Math.min(boundary(anchor, length, k), endsAt)
    intervals.push({ startsAt: from, endsAt: to })
    from = to
  }
  return intervals
}

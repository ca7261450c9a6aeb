/**
 * The API sends the buckets in which something happened; a chart needs all of them. Hours, days and months are those of
 * the account's time zone, as the database cuts them.
 */
export type Grain = 'hour' | 'day' | 'month'

export interface SeriesRange {
  readonly from: string
  /** Exclusive. */
  readonly to: string
  readonly grain: Grain
  readonly timeZone: string
}

interface Point {
  readonly at: string
  readonly value: string
}

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** More than anyone can look at; a range that long is cut. */
const MAX_BUCKETS = 2_000

/** One value per bucket, `0` where nothing happened. What falls outside the range is left out. */
export function fillSeries(
  points: readonly Point[],
  range: SeriesRange,
): { readonly times: readonly string[]; readonly values: readonly string[] } {
  const known = new Map(points.map(({ at, value }) => [Date.parse(at), value]))
  const starts = bucketStarts(range)
  return {
    times: starts.map((at) => new Date(at).toISOString()),
    values: starts.map((at) => known.get(at) ?? '0'),
  }
}

/** Where the hour, day or month around an instant begins. */
export function startOfBucket(at: number, grain: Grain, timeZone: string): number {
  const wall = wallClock(at, timeZone)
  if (grain === 'hour') return at - modulo(wall, HOUR_MS)
  const date = new Date(wall)
  const day = grain === 'month' ? 1 : date.getUTCDate()
  return instantOf(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), day), timeZone)
}

export function nextBucket(start: number, grain: Grain, timeZone: string): number {
  // Far enough for the longest of them and not beyond the next: days have 23 to 25 hours, months 28 to 31 days.
  const inside = { hour: HOUR_MS, day: 1.5 * DAY_MS, month: 32 * DAY_MS }[grain]
  return startOfBucket(start + inside, grain, timeZone)
}

export function previousBucket(start: number, grain: Grain, timeZone: string): number {
  return startOfBucket(start - 1, grain, timeZone)
}

function bucketStarts({ from, to, grain, timeZone }: SeriesRange): number[] {
  const end = Date.parse(to)
  const starts: number[] = []
  let at = startOfBucket(Date.parse(from), grain, timeZone)
  while (at < end && starts.length < MAX_BUCKETS) {
    starts.push(at)
    at = nextBucket(at, grain, timeZone)
  }
  return starts
}

/** What the clock on the wall shows there, as if it were UTC. */
function wallClock(at: number, timeZone: string): number {
  const parts = formatFor(timeZone).formatToParts(at)
  const value = (type: string) => Number(parts.find((part) => part.type === type)?.value)
  const seconds = Date.UTC(
    value('year'),
    value('month') - 1,
    value('day'),
    value('hour'),
    value('minute'),
    value('second'),
  )
  return seconds + modulo(at, 1000)
}

/** When the clock on the wall shows this; where it never does, because clocks are put forward, when it would have. */
function instantOf(wall: number, timeZone: string): number {
  const offsetAt = (at: number) => wallClock(at, timeZone) - at
  const [before, after] = [offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)]
  const candidates = [wall - before, wall - after]
  return candidates.find((at) => wallClock(at, timeZone) === wall) ?? wall - before
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatFor(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone)
  if (known !== undefined) return known
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
    second: 'numeric',
  })
  formats.set(timeZone, format)
  return format
}

function modulo(value: number, divisor: number): number {
  return ((value % divisor) + divisor) % divisor
}

import { add, type Decimal, decimal, formatDecimal, ZERO } from '../../src/kit/decimal.ts'
import { formatDate, formatDateTime, formatQuantity } from './format.ts'

/** Values over time as the API sends them: one decimal string per bucket, null where there is no value yet. */
export interface Series {
  readonly key: string
  readonly label: string
  readonly values: readonly (string | null)[]
}

export interface SeriesData {
  /** The start of each bucket, in order. */
  readonly times: readonly string[]
  readonly grain: 'hour' | 'day' | 'month'
  readonly series: readonly Series[]
  /** In the plural: `calls`. */
  readonly unit: string
  /** The zone whose days and months the buckets are. Hours are shown in the viewer's. */
  readonly timeZone?: string
}

type Grain = Pick<SeriesData, 'grain' | 'timeZone'>

/** What the chart shows, in one sentence, for those who do not see it and those in a hurry. */
export function summarize(data: SeriesData): string {
  const { times, series, unit } = data
  const totals = totalPerBucket(times.length, series)
  const sum = totals.reduce(add, ZERO)
  const first = times[0]
  const last = times.at(-1)
  if (first === undefined || last === undefined || sum === ZERO) return `No ${unit} in this range.`
  const peak = totals.reduce(
    (best, total, index) => (total > (totals[best] ?? ZERO) ? index : best),
    0,
  )
  const range = `${formatQuantity(formatDecimal(sum))} ${unit} from ${bucketName(first, data)} to ${bucketName(last, data)}`
  const most = formatQuantity(formatDecimal(totals[peak] ?? ZERO))
  return `${range}; most on ${bucketName(times[peak] ?? first, data)} (${most}).`
}

/** The name of a bucket in the table, the tooltip and the sentence. */
export function bucketName(iso: string, { grain, timeZone }: Grain): string {
  if (grain === 'hour') return formatDateTime(iso)
  if (grain === 'day') return formatDate(iso, timeZone ?? 'UTC')
  return monthOf(iso, 'long', 'numeric', timeZone)
}

/** The same on an axis, where there is less room. */
export function tickName(iso: string, { grain, timeZone = 'UTC' }: Grain): string {
  if (grain === 'month') return monthOf(iso, 'short', '2-digit', timeZone)
  if (grain === 'day') return dayOf(iso, timeZone)
  const time = new Intl.DateTimeFormat('en-US', { timeStyle: 'short', hourCycle: 'h23' })
  const hour = time.format(new Date(iso))
  return hour === '00:00' ? dayOf(iso, undefined) : hour
}

/** The buckets that get a name on an axis of this width: every one, or every second, third, … */
export function tickIndexes(length: number, width: number, labelWidth = 72): number[] {
  const fitting = Math.max(1, Math.floor(width / labelWidth))
  const step = Math.max(1, Math.ceil(length / fitting))
  return Array.from({ length: Math.ceil(length / step) }, (_, index) => index * step)
}

/**
 * Columns for drawing bars on top of one another: each series plus all before it. Numbers, because a picture needs no
 * more digits than it has pixels; tables and sentences use the strings.
 */
export function stack(series: readonly Series[], length: number): number[][] {
  const sums = Array.from({ length }, () => 0)
  return series.map(({ values }) =>
    sums.map((sum, index) => (sums[index] = sum + Number(values[index] ?? 0))),
  )
}

export function toNumbers({ values }: Series): (number | null)[] {
  return values.map((value) => (value === null ? null : Number(value)))
}

function dayOf(iso: string, timeZone: string | undefined): string {
  const zone = timeZone === undefined ? {} : { timeZone }
  const format = new Intl.DateTimeFormat('en-US', { month: 'short', day: 'numeric', ...zone })
  return format.format(new Date(iso))
}

function monthOf(
  iso: string,
  month: 'long' | 'short',
  year: 'numeric' | '2-digit',
  timeZone = 'UTC',
): string {
  return new Intl.DateTimeFormat('en-US', { month, year, timeZone }).format(new Date(iso))
}

function totalPerBucket(length: number, series: readonly Series[]): Decimal[] {
  return Array.from({ length }, (_, index) =>
    series.map(({ values }) => decimal(values[index] ?? '0')).reduce(add, ZERO),
  )
}

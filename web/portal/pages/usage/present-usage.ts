import type { ResponseOf } from '../../../../src/client/client.ts'
import { add, decimal, formatDecimal, ZERO } from '../../../../src/kit/decimal.ts'
import { formatDate, formatQuantity } from '../../../ui/format.ts'
import type { SeriesData } from '../../../ui/present-series.ts'
import { plural } from '../../../ui/pricing/price-words.ts'
import { fillSeries } from '../../../ui/series-buckets.ts'
import type { View } from './usage-range.ts'

type UsageSeries = ResponseOf<'get', '/api/v1/portal/usage'>
type UsageShare = ResponseOf<'get', '/api/v1/portal/usage/breakdown'>['data'][number]

interface Shown {
  readonly from: string
  readonly to: string
  readonly label: string
  readonly view: View
  readonly now: number
}

/** The buckets of a range, empty ones too; what has not come yet has no value. */
export function seriesOf(usage: UsageSeries, { from, to, label, view, now }: Shown): SeriesData {
  const { grain, timeZone, unit, points, meterKey } = usage
  const { times, values } = fillSeries(points, { from, to, grain, timeZone })
  const shown = view === 'total' ? runningTotal(values) : values
  return {
    times,
    grain,
    timeZone,
    unit: plural(unit),
    series: [
      {
        key: meterKey,
        label,
        values: shown.map((value, index) => (Date.parse(times[index] ?? to) > now ? null : value)),
      },
    ],
  }
}

function runningTotal(values: readonly string[]): string[] {
  let sum = ZERO
  return values.map((value) => {
    sum = add(sum, decimal(value))
    return formatDecimal(sum)
  })
}

/** What the running total has come to: `59 requests so far, since Mar 1, 2026.` */
export function totalWords({ times, series, unit, timeZone }: SeriesData): string {
  const [first] = times
  const sum = series[0]?.values.findLast((value) => value !== null)
  if (first === undefined || sum === undefined || sum === null) return `No ${unit} in this range.`
  return `${formatQuantity(sum)} ${unit} so far, since ${formatDate(first, timeZone)}.`
}

export interface ShownShare extends UsageShare {
  /** Of one. */
  readonly share: number
}

/** Each part with what it is of the whole. */
export function sharesOf(parts: readonly UsageShare[]): ShownShare[] {
  const total = parts.reduce((sum, { value }) => sum + Number(value), 0)
  return parts.map((part) => ({ ...part, share: total === 0 ? 0 : Number(part.value) / total }))
}

/** The series as a table for a spreadsheet. */
export function usageRows({ times, series }: SeriesData): string[][] {
  return [
    ['from', ...series.map(({ label }) => label)],
    ...times.map((at, index) => [at, ...series.map(({ values }) => values[index] ?? '')]),
  ]
}

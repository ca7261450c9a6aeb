import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Button } from '../../../ui/button.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { toCsv } from '../../../../src/kit/csv.ts'
import { downloadText } from '../../../ui/download.ts'
import { ErrorState } from '../../../ui/error-state.tsx'
import { unitsOf } from '../../../ui/pricing/price-words.ts'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TimeSeries } from '../../../ui/time-series.tsx'
import { usageQuery } from '../../queries.ts'
import type { Quota } from '../overview/present-quota.ts'
import { seriesOf, totalWords, usageRows } from './present-usage.ts'
import { type Range, usageQuestion, type View } from './usage-range.ts'

const app = getRouteApi('/app')

/** A call is on the chart within two seconds of its answer: one for the count, one for this. */
const ASK_EVERY_MS = 1_000

interface UsageChartProps {
  readonly meter: { readonly key: string; readonly name: string }
  readonly range: Range
  readonly view: View
  /** Gives `period` its bounds and the running total its line. */
  readonly quota: Quota | undefined
  readonly canExport?: boolean
}

/** What was counted, live. */
export function UsageChart({ meter, range, view, quota, canExport = false }: UsageChartProps) {
  const { account } = app.useRouteContext()
  const now = useNow()
  const period = quota && { startsAt: quota.startsAt, endsAt: quota.resetsAt }
  const { timeZone } = account
  const question = usageQuestion({ meter: meter.key, range, period, timeZone }, now)
  const { data, error, refetch } = useQuery({
    ...usageQuery(question),
    refetchInterval: ASK_EVERY_MS,
    placeholderData: keepPreviousData,
  })
  const { from, to } = question
  const series = useMemo(
    () => data && seriesOf(data, { from, to, label: meter.name, view, now }),
    [data, from, to, meter.name, view, now],
  )
  const limit = useMemo(
    () =>
      quota === undefined || quota.limit === null || Number(quota.limit) === 0
        ? undefined
        : { value: quota.limit, label: `Included: ${unitsOf(quota.limit, quota.unit)}` },
    [quota],
  )
  if (error !== null && data === undefined) {
    return <ErrorState error={error} onRetry={() => void refetch()} />
  }
  if (series === undefined) return <Skeleton height="17rem" />
  return (
    <Stack gap={3}>
      <TimeSeries
        label={meter.name}
        data={series}
        kind={view === 'total' ? 'line' : 'bars'}
        {...(view === 'total' && { summary: totalWords(series) })}
        {...(view === 'total' && limit !== undefined && { limit })}
      />
      {canExport && (
        <div>
          <Button
            size="sm"
            icon="download"
            onClick={() =>
              downloadText(`usage-${meter.key}.csv`, 'text/csv', toCsv(usageRows(series)))
            }
          >
            Download CSV
          </Button>
        </div>
      )}
    </Stack>
  )
}

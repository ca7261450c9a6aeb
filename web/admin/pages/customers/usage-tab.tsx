import { useQuery, useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useMemo } from 'react'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ErrorState } from '../../../ui/error-state.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import type { SeriesData } from '../../../ui/present-series.ts'
import { plural } from '../../../ui/pricing/price-words.ts'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { Select } from '../../../ui/select.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { TimeSeries } from '../../../ui/time-series.tsx'
import { paths } from '../../paths.ts'
import { customerUsageQuery, metersQuery } from '../../queries.ts'
import type { CustomerDetail } from './present-customer.ts'
import { USAGE_RANGES, usageQuestion } from './usage-range.ts'

const route = getRouteApi('/app/customers/$customerId')

export function CustomerUsage({ customer }: { readonly customer: CustomerDetail }) {
  const { data: meters } = useSuspenseQuery(metersQuery)
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { range = 'month' } = search
  // What their plan counts is asked for most.
  const meter =
    meters.data.find(({ key }) => key === search.meter) ??
    meters.data.find(({ key }) => customer.quotas.some(({ meterKey }) => meterKey === key)) ??
    meters.data[0]
  if (meter === undefined) {
    return (
      <Card title="Usage">
        <EmptyState
          icon="gauge"
          title="Nothing is measured yet"
          description="Usage appears here once there is a meter that counts it."
          action={<ButtonLink to={paths.meters}>Meters</ButtonLink>}
        />
      </Card>
    )
  }
  return (
    <Card
      title="Usage"
      actions={
        <Stack direction="row" gap={2} canWrap>
          {meters.data.length > 1 && (
            <Select
              size="sm"
              ariaLabel="Meter"
              options={meters.data.map(({ key, name }) => ({ value: key, label: name }))}
              value={meter.key}
              onChange={(next) =>
                void navigate({ search: { ...search, meter: next }, replace: true })
              }
            />
          )}
          <SegmentedControl
            label="Range"
            options={USAGE_RANGES}
            value={range}
            onChange={(next) =>
              void navigate({ search: { ...search, range: next }, replace: true })
            }
          />
        </Stack>
      }
    >
      <UsageChart customer={customer} meter={meter} range={range} />
    </Card>
  )
}

interface UsageChartProps {
  readonly customer: CustomerDetail
  readonly meter: { readonly key: string; readonly name: string }
  readonly range: (typeof USAGE_RANGES)[number]['value']
}

function UsageChart({ customer, meter, range }: UsageChartProps) {
  const question = usageQuestion(meter.key, range, useNow())
  const { data, error, refetch } = useQuery(customerUsageQuery(customer.id, question))
  const series = useMemo(
    (): SeriesData | undefined =>
      data && {
        times: data.points.map(({ at }) => at),
        grain: data.grain,
        unit: plural(data.unit),
        timeZone: data.timeZone,
        series: [
          { key: meter.key, label: meter.name, values: data.points.map(({ value }) => value) },
        ],
      },
    [data, meter.key, meter.name],
  )
  if (error !== null) return <ErrorState error={error} onRetry={() => void refetch()} />
  if (series === undefined) return <Skeleton height="17rem" />
  return <TimeSeries label={`${meter.name} of ${customer.name}`} data={series} />
}

import { useSuspenseQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { Select } from '../../../ui/select.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { metersQuery, overviewQuery } from '../../queries.ts'
import { QuotaMeter } from '../overview/quotas-card.tsx'
import { UsageHeader } from './skeleton.tsx'
import { UsageChart } from './usage-chart.tsx'
import { RANGE_LABELS, RANGES, type View } from './usage-range.ts'
import { UsageShares } from './usage-shares.tsx'

const route = getRouteApi('/app/usage')

const VIEW_OPTIONS: readonly { readonly value: View; readonly label: string }[] = [
  { value: 'each', label: 'Per day' },
  { value: 'total', label: 'Running total' },
]

export function UsagePage() {
  const search = route.useSearch()
  const navigate = route.useNavigate()
  const { data: meters } = useSuspenseQuery(metersQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const counted = meters.data.find(({ key }) => overview.quotas.some((q) => q.meterKey === key))
  const meter = meters.data.find(({ key }) => key === search.meter) ?? counted ?? meters.data[0]
  if (meter === undefined) {
    return (
      <Stack gap={6}>
        <UsageHeader />
        <Card>
          <EmptyState
            icon="gauge"
            title="Nothing is counted yet"
            description="Usage appears here as soon as this API counts something."
            action={<ButtonLink to={paths.quickstart}>Quickstart</ButtonLink>}
          />
        </Card>
      </Stack>
    )
  }
  const quota = overview.quotas.find(({ meterKey }) => meterKey === meter.key)
  const ranges = RANGES.filter((range) => range !== 'period' || quota !== undefined)
  const range = ranges.find((one) => one === search.range) ?? ranges[0] ?? 'month'
  const view = range === 'period' ? (search.view ?? 'each') : 'each'
  const change = (patch: Partial<typeof search>) =>
    void navigate({ search: (before) => ({ ...before, ...patch }), replace: true })
  return (
    <Stack gap={6}>
      <UsageHeader />
      {quota !== undefined && (
        <Card>
          <QuotaMeter quota={quota} />
        </Card>
      )}
      <Card
        title={meter.name}
        actions={
          <Stack direction="row" gap={2} canWrap>
            {meters.data.length > 1 && (
              <Select
                size="sm"
                ariaLabel="What is counted"
                options={meters.data.map(({ key, name }) => ({ value: key, label: name }))}
                value={meter.key}
                onChange={(key) => change({ meter: key })}
              />
            )}
            {range === 'period' && (
              <SegmentedControl
                label="Values"
                options={VIEW_OPTIONS}
                value={view}
                onChange={(next) => change({ view: next })}
              />
            )}
            <Select
              size="sm"
              ariaLabel="Time"
              icon="calendar"
              options={ranges.map((value) => ({ value, label: RANGE_LABELS[value] }))}
              value={range}
              onChange={(next) => change({ range: next })}
            />
          </Stack>
        }
      >
        <UsageChart meter={meter} range={range} view={view} quota={quota} canExport />
      </Card>
      <UsageShares
        meter={meter}
        range={range}
        quota={quota}
        by={search.by ?? 'key'}
        onBy={(by) => change({ by })}
      />
    </Stack>
  )
}

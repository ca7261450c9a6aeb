import { useQuery } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { type Column, DataTable, withCells } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatQuantity, formatShare } from '../../../ui/format.ts'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { usageSharesQuery } from '../../queries.ts'
import type { Quota } from '../overview/present-quota.ts'
import { type ShownShare, sharesOf } from './present-usage.ts'
import { SHARE_HEADS } from './skeleton.tsx'
import { type Range, type SharedBy, usageQuestion } from './usage-range.ts'

interface UsageSharesProps {
  readonly meter: { readonly key: string }
  readonly range: Range
  readonly quota: Quota | undefined
  readonly by: SharedBy
  readonly onBy: (by: SharedBy) => void
}

const app = getRouteApi('/app')

const BY_OPTIONS = [
  { value: 'key', label: 'By key' },
  { value: 'route', label: 'By route' },
] as const

/** Less urgent than the chart. */
const ASK_EVERY_MS = 5_000

const COLUMNS: readonly Column<ShownShare>[] = withCells(SHARE_HEADS, {
  name: ({ name }) => name,
  value: ({ value }) => formatQuantity(value),
  share: ({ share }) => formatShare(share),
})

/** Where the usage of the range came from. */
export function UsageShares({ meter, range, quota, by, onBy }: UsageSharesProps) {
  const { account } = app.useRouteContext()
  const period = quota && { startsAt: quota.startsAt, endsAt: quota.resetsAt }
  const { timeZone } = account
  const { from, to } = usageQuestion({ meter: meter.key, range, period, timeZone }, useNow())
  const { data, error, refetch } = useQuery({
    ...usageSharesQuery({ meter: meter.key, from, to, by }),
    refetchInterval: ASK_EVERY_MS,
  })
  return (
    <Card
      isFlush
      title="Where it came from"
      actions={<SegmentedControl label="Divided" options={BY_OPTIONS} value={by} onChange={onBy} />}
    >
      <DataTable
        label="Where it came from"
        columns={COLUMNS}
        rows={data && sharesOf(data.data)}
        rowKey={({ id }) => id}
        skeletonRows={2}
        error={error}
        onRetry={() => void refetch()}
        empty={
          <EmptyState
            icon="chart"
            title="No usage in this time"
            description="Calls appear here a moment after they are answered."
          />
        }
      />
    </Card>
  )
}

import { Card } from '../ui/card.tsx'
import { type ColumnHead, TableSkeleton } from '../ui/data-table.tsx'
import { Grid } from '../ui/grid.tsx'
import { PageHeader } from '../ui/page-header.tsx'
import { Skeleton } from '../ui/skeleton.tsx'
import { Stack } from '../ui/stack.tsx'

/** The shapes pages of the admin center have while they load. */

interface ListSkeletonProps {
  readonly title: string
  readonly heads: readonly ColumnHead[]
  readonly rows?: number
  /** Without a search or filters above the table. */
  readonly isBare?: boolean
}

export function ListSkeleton({ title, heads, rows = 25, isBare = false }: ListSkeletonProps) {
  return (
    <Stack gap={4}>
      <PageHeader title={title} />
      {!isBare && <Skeleton width="18rem" height="var(--control-height)" />}
      <Card isFlush>
        <TableSkeleton label={title} heads={heads} rows={rows} />
      </Card>
    </Stack>
  )
}

/** One object: its name and ids, then facts beside a narrower column. */
export function DetailSkeleton({ title }: { readonly title: string }) {
  return (
    <Stack gap={4}>
      <PageHeader title={title} description={<Skeleton width="22rem" height="0.875rem" />} />
      <Grid gap={4} columns="3fr 2fr">
        <Stack gap={4}>
          <Card>
            <Skeleton lines={5} height="0.875rem" />
          </Card>
          <Card>
            <Skeleton lines={7} height="0.875rem" />
          </Card>
        </Stack>
        <Card>
          <Skeleton lines={9} height="0.875rem" />
        </Card>
      </Grid>
    </Stack>
  )
}

import { Card } from '../../../ui/card.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function OverviewSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Overview" />
      <Grid gap={4} minWidth="14rem">
        {[1, 2, 3].map((fact) => (
          <Card key={fact}>
            <Skeleton lines={3} height="1.125rem" />
          </Card>
        ))}
      </Grid>
      <Card title="Included in your plan">
        <Skeleton lines={3} height="1rem" />
      </Card>
    </Stack>
  )
}

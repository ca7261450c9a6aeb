import { Card } from '../../../ui/card.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function HomeSkeleton() {
  return (
    <Stack gap={4}>
      <PageHeader title="Home" />
      <Grid gap={3} minWidth="12rem">
        {['customers', 'subscriptions', 'attention', 'time'].map((tile) => (
          <Card key={tile}>
            <Skeleton lines={2} height="1rem" />
          </Card>
        ))}
      </Grid>
      <Grid gap={4} columns="3fr 2fr">
        <Card>
          <Skeleton lines={9} height="0.875rem" />
        </Card>
        <Card>
          <Skeleton lines={5} height="0.875rem" />
        </Card>
      </Grid>
    </Stack>
  )
}

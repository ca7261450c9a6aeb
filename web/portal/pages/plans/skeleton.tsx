import type { ReactNode } from 'react'
import { Card } from '../../../ui/card.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const PLAN_WIDTH = '14rem'

export function PlanListSkeleton() {
  return (
    <Stack gap={6}>
      <PlanListHeader />
      <Grid gap={4} minWidth={PLAN_WIDTH}>
        {[1, 2, 3, 4].map((plan) => (
          <Card key={plan}>
            <Stack gap={5}>
              <Skeleton width="40%" height="1.25rem" />
              <Skeleton width="60%" height="2.25rem" />
              <Skeleton height="2.25rem" />
              <Skeleton lines={4} height="0.875rem" />
            </Stack>
          </Card>
        ))}
      </Grid>
    </Stack>
  )
}

export function PlanListHeader({ actions }: { readonly actions?: ReactNode }) {
  return (
    <PageHeader
      title="Plans"
      description="Start small and change when it no longer fits. You can cancel at any time; what is paid for stays yours until its end."
      actions={actions}
    />
  )
}

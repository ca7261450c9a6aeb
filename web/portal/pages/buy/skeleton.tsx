import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function BuyPlanSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Your order" description="Working out what is due." />
      <Card>
        <Skeleton lines={4} height="1.125rem" />
      </Card>
    </Stack>
  )
}

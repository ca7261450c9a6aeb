import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function CheckoutSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Your purchase" description="Looking up what became of it." />
      <Card>
        <Skeleton lines={4} height="1.25rem" />
      </Card>
    </Stack>
  )
}

import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function BillingSkeleton() {
  return (
    <Stack gap={6}>
      <BillingHeader />
      <Card title="Your plan">
        <Skeleton lines={4} height="1.125rem" />
      </Card>
      <Card title="Payment methods">
        <Skeleton lines={2} height="1.125rem" />
      </Card>
    </Stack>
  )
}

export function BillingHeader() {
  return (
    <PageHeader
      title="Plan & billing"
      description="What you are subscribed to, and how it is paid."
    />
  )
}

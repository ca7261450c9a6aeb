import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function InvitationSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Your invitation" description="Looking up what it offers." />
      <Card>
        <Skeleton lines={3} height="1.25rem" />
      </Card>
    </Stack>
  )
}

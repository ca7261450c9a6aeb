import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function SettingsSkeleton() {
  return (
    <Stack gap={4}>
      <PageHeader title="Settings" />
      {['portal', 'payments', 'gateway'].map((group) => (
        <Card key={group}>
          <Skeleton lines={5} height="0.875rem" />
        </Card>
      ))}
    </Stack>
  )
}

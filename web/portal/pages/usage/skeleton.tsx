import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const SHARE_HEADS = [
  { key: 'name', header: 'Name' },
  { key: 'value', header: 'Usage', width: '10rem', align: 'end' },
  { key: 'share', header: 'Share', width: '6rem', align: 'end' },
] as const

export function UsageSkeleton() {
  return (
    <Stack gap={6}>
      <UsageHeader />
      <Card title="Usage">
        <Skeleton height="17rem" />
      </Card>
      <Card>
        <Skeleton lines={3} height="1rem" />
      </Card>
    </Stack>
  )
}

export function UsageHeader() {
  return <PageHeader title="Usage" description="What your calls added up to, a moment ago." />
}

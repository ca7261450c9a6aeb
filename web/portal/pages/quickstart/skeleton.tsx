import { Card } from '../../../ui/card.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export function QuickstartSkeleton() {
  return (
    <Stack gap={6}>
      <QuickstartHeader />
      <Card title="1. Your API key">
        <Skeleton lines={2} height="1.125rem" />
      </Card>
      <Card title="2. Make a call">
        <Skeleton height="10rem" />
      </Card>
    </Stack>
  )
}

export function QuickstartHeader() {
  return (
    <PageHeader title="Quickstart" description="From your key to the first answer in a minute." />
  )
}

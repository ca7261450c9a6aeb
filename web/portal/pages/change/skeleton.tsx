import { Card } from '../../../ui/card.tsx'
import { TableSkeleton } from '../../../ui/data-table.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const GAIN_HEADS = [
  { key: 'name', header: 'What' },
  { key: 'before', header: 'Now', width: '8rem', align: 'end' },
  { key: 'after', header: 'Afterwards', width: '8rem', align: 'end' },
  { key: 'left', header: 'Left at first', width: '9rem', align: 'end' },
] as const

export const LINE_HEADS = [
  { key: 'description', header: 'Due now' },
  { key: 'amount', header: 'Amount', width: '9rem', align: 'end' },
] as const

export function ChangePlanSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Change plan" description="Working out what the change does and costs." />
      <Card>
        <Skeleton lines={2} height="1.125rem" />
      </Card>
      <Card isFlush title="What you get">
        <TableSkeleton label="What you get" heads={GAIN_HEADS} rows={1} />
      </Card>
    </Stack>
  )
}

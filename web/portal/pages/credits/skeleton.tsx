import { Card } from '../../../ui/card.tsx'
import { TableSkeleton } from '../../../ui/data-table.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const GRANT_HEADS = [
  { key: 'amount', header: 'Credit' },
  { key: 'category', header: 'Where from', width: '13rem', isSecondary: true },
  { key: 'state', header: 'Status', width: '7rem' },
  { key: 'left', header: 'Left', width: '11rem', align: 'end' },
  { key: 'expires', header: 'Expires', width: '9rem', align: 'end' },
] as const

export const ENTRY_HEADS = [
  { key: 'what', header: 'What' },
  { key: 'at', header: 'Time', width: '11rem' },
  { key: 'amount', header: 'Amount', width: '12rem', align: 'end' },
  { key: 'after', header: 'Afterwards', width: '12rem', align: 'end', isSecondary: true },
] as const

export function CreditsSkeleton() {
  return (
    <Stack gap={6}>
      <CreditsHeader />
      <Card title="Available">
        <Skeleton lines={2} height="1.25rem" />
      </Card>
      <Card isFlush title="Every movement">
        <TableSkeleton label="Every movement" heads={ENTRY_HEADS} rows={3} />
      </Card>
    </Stack>
  )
}

export function CreditsHeader() {
  return (
    <PageHeader
      title="Credits"
      description="Paid or given in advance, and used before anything else is billed."
    />
  )
}

import type { ReactNode } from 'react'
import { Card } from '../../../ui/card.tsx'
import { TableSkeleton } from '../../../ui/data-table.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const HEADS = [
  { key: 'name', header: 'Name' },
  { key: 'key', header: 'Key', width: '12rem' },
  { key: 'state', header: 'Status', width: '13rem' },
  { key: 'created', header: 'Created', width: '8rem', isSecondary: true },
  { key: 'used', header: 'Last used', width: '8.5rem' },
  { key: 'actions', header: '', width: '4rem', align: 'end' },
] as const

export function KeyListSkeleton() {
  return (
    <Stack gap={6}>
      <KeyListHeader />
      <Card isFlush>
        <TableSkeleton label="API keys" heads={HEADS} rows={3} />
      </Card>
    </Stack>
  )
}

export function KeyListHeader({ actions }: { readonly actions?: ReactNode }) {
  return (
    <PageHeader
      title="API keys"
      description="A key lets a program call the API at your cost. Use one for each place it runs in."
      actions={actions}
    />
  )
}

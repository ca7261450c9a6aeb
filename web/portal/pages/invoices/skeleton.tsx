import { Card } from '../../../ui/card.tsx'
import { TableSkeleton } from '../../../ui/data-table.tsx'
import { PageHeader } from '../../../ui/page-header.tsx'
import { Skeleton } from '../../../ui/skeleton.tsx'
import { Stack } from '../../../ui/stack.tsx'

export const HEADS = [
  { key: 'number', header: 'Invoice' },
  { key: 'kind', header: 'For', width: '11rem', isSecondary: true },
  { key: 'state', header: 'Status', width: '9rem' },
  { key: 'issued', header: 'Date', width: '8rem' },
  { key: 'total', header: 'Total', width: '8rem', align: 'end' },
] as const

export const LINE_HEADS = [
  { key: 'description', header: 'Line' },
  { key: 'quantity', header: 'Quantity', width: '7rem', align: 'end' },
  { key: 'amount', header: 'Amount', width: '8rem', align: 'end' },
] as const

export function InvoiceListSkeleton() {
  return (
    <Stack gap={6}>
      <InvoiceListHeader />
      <Card isFlush>
        <TableSkeleton label="Invoices" heads={HEADS} rows={4} />
      </Card>
    </Stack>
  )
}

export function InvoiceListHeader() {
  return (
    <PageHeader title="Invoices" description="Every invoice, with how each amount came about." />
  )
}

export function InvoiceSkeleton() {
  return (
    <Stack gap={6}>
      <PageHeader title="Invoice" description={<Skeleton width="16rem" />} />
      <Card isFlush>
        <TableSkeleton label="Lines" heads={LINE_HEADS} rows={3} />
      </Card>
    </Stack>
  )
}

import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const INVOICE_HEADS = [
  { key: 'number', header: 'Invoice', width: '12rem' },
  { key: 'customer', header: 'Customer' },
  { key: 'kind', header: 'For', width: '10rem', isSecondary: true },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'issued', header: 'Date', width: '8rem', align: 'end' },
  { key: 'total', header: 'Total', width: '8rem', align: 'end' },
] as const

export const PAYMENT_HEADS = [
  { key: 'at', header: 'Time', width: '12rem' },
  { key: 'customer', header: 'Customer' },
  { key: 'state', header: 'Status', width: '9rem' },
  { key: 'method', header: 'Paid with', width: '9rem', isSecondary: true },
  { key: 'why', header: 'About', isSecondary: true },
  { key: 'amount', header: 'Amount', width: '8rem', align: 'end' },
] as const

export function InvoiceListSkeleton() {
  return <ListSkeleton title="Invoices & payments" heads={INVOICE_HEADS} />
}

export function InvoiceSkeleton() {
  return <DetailSkeleton title="Invoice" />
}

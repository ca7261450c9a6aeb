import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'begun', header: 'Begun', width: '11rem' },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'progress', header: 'Closed', width: '12rem' },
  { key: 'failures', header: 'Not billed' },
] as const

export const DUE_HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'period', header: 'Period', width: '13rem' },
  { key: 'kind', header: 'Invoice', width: '8rem', isSecondary: true },
  { key: 'lines', header: 'Lines', width: '20rem' },
  { key: 'total', header: 'Total', width: '9rem', align: 'end' },
] as const

export function BillingRunsSkeleton() {
  return <ListSkeleton title="Billing runs" heads={HEADS} rows={8} isBare />
}

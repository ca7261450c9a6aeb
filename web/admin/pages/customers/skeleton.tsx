import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'name', header: 'Customer' },
  { key: 'email', header: 'Email' },
  { key: 'key', header: 'Key', width: '12rem', isSecondary: true },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'since', header: 'Since', width: '8rem', align: 'end' },
] as const

export function CustomerListSkeleton() {
  return <ListSkeleton title="Customers" heads={HEADS} />
}

export function CustomerSkeleton() {
  return <DetailSkeleton title="Customer" />
}

import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'opened', header: 'Opened', width: '12rem' },
  { key: 'customer', header: 'Customer' },
  { key: 'reason', header: 'They say' },
  { key: 'state', header: 'Status', width: '11rem' },
  { key: 'due', header: 'Answer', width: '11rem' },
  { key: 'amount', header: 'Amount', width: '8rem', align: 'end' },
] as const

export function DisputeListSkeleton() {
  return <ListSkeleton title="Disputes" heads={HEADS} />
}

export function DisputeSkeleton() {
  return <DetailSkeleton title="Dispute" />
}

import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'summary', header: 'What differs' },
  { key: 'category', header: 'Kind', width: '10rem' },
  { key: 'customer', header: 'Customer', width: '12rem', isSecondary: true },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'seen', header: 'Last seen', width: '10rem', align: 'end' },
] as const

export function FindingListSkeleton() {
  return <ListSkeleton title="Findings" heads={HEADS} />
}

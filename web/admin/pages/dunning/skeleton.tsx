import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'opened', header: 'Since', width: '7.5rem' },
  { key: 'sent', header: 'Told them', width: '22rem' },
  { key: 'retries', header: 'Tried by', width: '6rem', isSecondary: true },
  { key: 'next', header: 'Next', width: '7rem', align: 'end' },
] as const

export function DunningSkeleton() {
  return <ListSkeleton title="Dunning" heads={HEADS} />
}

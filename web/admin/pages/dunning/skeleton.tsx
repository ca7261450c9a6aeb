import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'state', header: 'Status', width: '9rem' },
  { key: 'opened', header: 'Since', width: '9rem' },
  { key: 'sent', header: 'Told them' },
  { key: 'retries', header: 'Tried by', width: '8rem', isSecondary: true },
  { key: 'next', header: 'Next', width: '10rem', align: 'end' },
] as const

export function DunningSkeleton() {
  return <ListSkeleton title="Dunning" heads={HEADS} />
}

import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'what', header: 'What' },
  { key: 'target', header: 'Object' },
  { key: 'who', header: 'Who', width: '12rem' },
  { key: 'at', header: 'When', width: '12rem', align: 'end' },
] as const

export function AuditListSkeleton() {
  return <ListSkeleton title="Audit log" heads={HEADS} />
}

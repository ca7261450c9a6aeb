import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'what', header: 'What', width: '20rem' },
  { key: 'target', header: 'Object' },
  { key: 'who', header: 'Who', width: '10rem', isSecondary: true },
  { key: 'at', header: 'When', width: '11rem', align: 'end' },
] as const

export function AuditListSkeleton() {
  return <ListSkeleton title="Audit log" heads={HEADS} />
}

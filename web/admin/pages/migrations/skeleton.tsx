import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'plan', header: 'Plan' },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'progress', header: 'Progress' },
  { key: 'timing', header: 'When', isSecondary: true },
  { key: 'begun', header: 'Begun', width: '9rem' },
] as const

export const MEMBER_HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'from', header: 'From version', width: '8rem' },
  { key: 'state', header: 'Status', width: '9rem' },
  { key: 'reason', header: 'Why', isSecondary: true },
  { key: 'told', header: 'Told', width: '9rem' },
  { key: 'act', header: '', width: '8rem', align: 'end' },
] as const

export const PREVIEW_HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'from', header: 'From version', width: '7rem', isSecondary: true },
  { key: 'before', header: 'A month now', width: '7rem', align: 'end' },
  { key: 'after', header: 'Then', width: '7rem', align: 'end' },
  { key: 'due', header: 'Due at once', width: '7rem', align: 'end' },
  { key: 'when', header: 'Moves', width: '9rem' },
  { key: 'act', header: '', width: '8rem' },
] as const

export function MigrationListSkeleton() {
  return <ListSkeleton title="Migrations" heads={HEADS} rows={6} />
}

export function MigrationSkeleton() {
  return <DetailSkeleton title="Migration" />
}

export function StartMigrationSkeleton() {
  return <DetailSkeleton title="Move subscribers" />
}

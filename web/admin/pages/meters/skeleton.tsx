import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const METER_HEADS = [
  { key: 'name', header: 'Meter' },
  { key: 'key', header: 'Key', width: '11rem', isSecondary: true },
  { key: 'measure', header: 'Measures' },
  { key: 'unit', header: 'Unit', width: '8rem' },
  { key: 'used', header: 'Features', width: '6rem', align: 'end' },
] as const

export const FEATURE_HEADS = [
  { key: 'name', header: 'Feature' },
  { key: 'key', header: 'Key', width: '11rem' },
  { key: 'meter', header: 'Counted by', width: '12rem' },
  { key: 'plans', header: 'In plans' },
  { key: 'since', header: 'Since', width: '8rem', align: 'end', isSecondary: true },
] as const

export function MetersSkeleton() {
  return <ListSkeleton title="Meters & features" heads={METER_HEADS} rows={6} isBare />
}

export function MeterSkeleton() {
  return <DetailSkeleton title="Meter" />
}

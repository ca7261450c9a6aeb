import { DetailSkeleton } from '../../page-skeletons.tsx'

export function SystemSkeleton() {
  return <DetailSkeleton title="System" />
}

import { DetailSkeleton } from '../../page-skeletons.tsx'

export function StripeSkeleton() {
  return <DetailSkeleton title="Stripe" />
}

import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'plan', header: 'Plan' },
  { key: 'lifecycle', header: 'Lifecycle', width: '8rem' },
  { key: 'payment', header: 'Payment', width: '9rem' },
  { key: 'started', header: 'Started', width: '8rem', isSecondary: true, align: 'end' },
  { key: 'next', header: 'Next', width: '12rem', align: 'end' },
] as const

export function SubscriptionListSkeleton() {
  return <ListSkeleton title="Subscriptions" heads={HEADS} />
}

export function SubscriptionSkeleton() {
  return <DetailSkeleton title="Subscription" />
}

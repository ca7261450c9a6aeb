import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'customer', header: 'Customer' },
  { key: 'plan', header: 'Plan' },
  { key: 'lifecycle', header: 'Lifecycle', width: '6.5rem' },
  { key: 'payment', header: 'Payment', width: '7.5rem' },
  { key: 'started', header: 'Started', width: '8rem', isSecondary: true, align: 'end' },
  { key: 'next', header: 'Next', width: '11rem', align: 'end' },
] as const

export function SubscriptionListSkeleton() {
  return <ListSkeleton title="Subscriptions" heads={HEADS} />
}

export function SubscriptionSkeleton() {
  return <DetailSkeleton title="Subscription" />
}

import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'name', header: 'Plan' },
  { key: 'key', header: 'Key', width: '10rem', isSecondary: true },
  { key: 'price', header: 'Price', width: '13rem' },
  { key: 'state', header: 'Status', width: '14rem' },
  { key: 'subscribers', header: 'Subscriptions', width: '8rem', align: 'end' },
] as const

export const CARD_HEADS = [
  { key: 'name', header: 'Rate card', width: '12rem' },
  { key: 'included', header: 'Included' },
  { key: 'price', header: 'Price' },
  { key: 'beyond', header: 'Beyond and terms' },
] as const

export const DIFFERENCE_HEADS = [
  { key: 'what', header: 'What', width: '14rem' },
  { key: 'before', header: 'On sale' },
  { key: 'after', header: 'Becomes' },
] as const

export const EFFECT_HEADS = [
  { key: 'what', header: 'What happens', width: '11rem' },
  { key: 'subject', header: 'To' },
  { key: 'note', header: 'Because', isSecondary: true },
  { key: 'stripe', header: 'In Stripe', width: '13rem', align: 'end' },
] as const

export function PlanListSkeleton() {
  return <ListSkeleton title="Plans" heads={HEADS} rows={5} isBare />
}

export function PlanSkeleton() {
  return <DetailSkeleton title="Plan" />
}

export function PublishSkeleton() {
  return <ListSkeleton title="Publish" heads={EFFECT_HEADS} rows={6} isBare />
}

export function DraftSkeleton() {
  return <DetailSkeleton title="Draft" />
}

import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'type', header: 'Event' },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'object', header: 'Object', isSecondary: true },
  { key: 'attempts', header: 'Attempts', width: '6rem', align: 'end' },
  { key: 'occurred', header: 'Occurred', width: '11rem', align: 'end', isSecondary: true },
  { key: 'received', header: 'Received', width: '11rem', align: 'end' },
] as const

export function WebhookListSkeleton() {
  return <ListSkeleton title="Webhook inbox" heads={HEADS} />
}

export function WebhookEventSkeleton() {
  return <DetailSkeleton title="Webhook event" />
}

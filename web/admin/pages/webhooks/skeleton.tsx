import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'type', header: 'Event', width: '18rem' },
  { key: 'state', header: 'Status', width: '7rem' },
  { key: 'object', header: 'Object', isSecondary: true },
  { key: 'attempts', header: 'Attempts', width: '5.5rem', align: 'end' },
  { key: 'occurred', header: 'Occurred', width: '10.5rem', align: 'end', isSecondary: true },
  { key: 'received', header: 'Received', width: '9rem', align: 'end' },
] as const

export function WebhookListSkeleton() {
  return <ListSkeleton title="Webhook inbox" heads={HEADS} />
}

export function WebhookEventSkeleton() {
  return <DetailSkeleton title="Webhook event" />
}

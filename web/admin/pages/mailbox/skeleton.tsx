import { ListSkeleton } from '../../page-skeletons.tsx'

export const HEADS = [
  { key: 'subject', header: 'Subject' },
  { key: 'to', header: 'To' },
  { key: 'sent', header: 'Sent', width: '12rem', align: 'end' },
] as const

export function MailboxSkeleton() {
  return <ListSkeleton title="Mailbox" heads={HEADS} rows={8} isBare />
}

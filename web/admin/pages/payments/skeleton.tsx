import { DetailSkeleton, ListSkeleton } from '../../page-skeletons.tsx'

export const REFUND_HEADS = [
  { key: 'at', header: 'Time', width: '12rem' },
  { key: 'customer', header: 'Customer' },
  { key: 'state', header: 'Status', width: '10rem' },
  { key: 'reason', header: 'Because', width: '11rem' },
  { key: 'note', header: 'Note', isSecondary: true },
  { key: 'amount', header: 'Amount', width: '8rem', align: 'end' },
] as const

export const ATTEMPT_HEADS = [
  { key: 'at', header: 'Time', width: '11rem' },
  { key: 'state', header: 'Status', width: '8rem' },
  { key: 'method', header: 'With', width: '8rem' },
  { key: 'why', header: 'The bank said' },
  { key: 'amount', header: 'Amount', width: '8rem', align: 'end' },
] as const

export function PaymentSkeleton() {
  return <DetailSkeleton title="Payment" />
}

export function RefundListSkeleton() {
  return <ListSkeleton title="Refunds" heads={REFUND_HEADS} />
}

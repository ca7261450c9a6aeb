import { Amount } from '../../../ui/amount.tsx'
import { Badge } from '../../../ui/badge.tsx'
import { type Column, withCells } from '../../../ui/data-table.tsx'
import { RowLink } from '../../../ui/link.tsx'
import { Time } from '../../../ui/time.tsx'
import type { Named } from '../../customer-names.ts'
import { paths } from '../../paths.ts'
import { reasonOf, type Refund, refundStateOf } from './present-refund.ts'
import { REFUND_HEADS } from './skeleton.tsx'

export const REFUND_COLUMNS: readonly Column<Named<Refund>>[] = withCells(REFUND_HEADS, {
  at: ({ createdAt, paymentId }) => (
    <RowLink to={paths.payment} params={{ paymentId }}>
      <Time at={createdAt} as="date-time" />
    </RowLink>
  ),
  customer: ({ customerName }) => customerName,
  state: (refund) => {
    const { word, tone } = refundStateOf(refund)
    return <Badge tone={tone}>{word}</Badge>
  },
  reason: (refund) => reasonOf(refund),
  note: ({ note, failureMessage }) => failureMessage ?? note ?? '–',
  amount: ({ amount }) => <Amount value={amount} />,
})

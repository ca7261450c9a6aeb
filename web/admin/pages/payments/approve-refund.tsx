import { useQueryClient } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { Stack } from '../../../ui/stack.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { reasonOf, type Refund } from './present-refund.ts'
import { refreshMoney } from './refresh-money.ts'

interface ApproveRefundProps {
  readonly refund: Refund
  readonly customerName: string
}

/** A large refund goes when a second person has said so. */
export function ApproveRefund({ refund, customerName }: ApproveRefundProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write')
  const amount = formatAmount(refund.amount)
  const params = { refundId: refund.id }
  const object = [
    { label: 'Customer', value: customerName },
    { label: 'Because', value: reasonOf(refund) },
    ...(refund.note === null ? [] : [{ label: 'Note', value: refund.note }]),
  ]
  return (
    <Banner
      tone="warning"
      title={`A refund of ${amount} waits for a second person`}
      action={
        <Stack direction="row" gap={2}>
          <ConfirmDialog
            title="Refuse this refund?"
            amount={amount}
            object={object}
            consequences={['Nothing is given back.', 'It can be asked for anew.']}
            verb="Refuse refund"
            trigger={
              <Button size="sm" disabledReason={refusal}>
                Refuse
              </Button>
            }
            onConfirm={async ({ idempotencyKey }) => {
              await client.post('/api/v1/refunds/{refundId}/reject', { params, idempotencyKey })
              await refreshMoney(queryClient)
            }}
          />
          <ConfirmDialog
            title="Approve this refund?"
            amount={amount}
            object={object}
            consequences={['The money goes back to the customer’s card at once.']}
            verb={`Refund ${amount}`}
            trigger={
              <Button size="sm" variant="primary" disabledReason={refusal}>
                Approve
              </Button>
            }
            onConfirm={async ({ idempotencyKey }) => {
              await client.post('/api/v1/refunds/{refundId}/approve', { params, idempotencyKey })
              await refreshMoney(queryClient)
            }}
          />
        </Stack>
      }
    >
      {reasonOf(refund)}
      {refund.note === null ? '.' : `: ${refund.note}`}
    </Banner>
  )
}

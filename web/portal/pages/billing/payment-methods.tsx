import { useQueryClient, useSuspenseQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { client } from '../../api.ts'
import { overviewQuery, paymentMethodsQuery } from '../../queries.ts'
import { AddPaymentMethod } from './add-payment-method.tsx'
import { useBillingRefresh } from './billing-refresh.ts'
import { methodWords, type PaymentMethod, removalConsequences } from './present-method.ts'
import { isRunning } from './present-subscription.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

const COLUMNS: readonly Column<PaymentMethod>[] = [
  { key: 'name', header: 'Method', cell: (method) => <MethodName method={method} /> },
  {
    key: 'acts',
    header: '',
    width: '15rem',
    align: 'end',
    cell: (method) => <MethodActs method={method} />,
  },
]

/** What is charged, and what could be. Numbers of cards are seen by the payment provider's pages alone. */
export function PaymentMethods() {
  const { data } = useSuspenseQuery(paymentMethodsQuery)
  const disabledReason = useWhyNotPayer()
  return (
    <Card
      isFlush
      title="Payment methods"
      description="Cards are kept by the payment provider; this page never sees their numbers."
      actions={<AddPaymentMethod disabledReason={disabledReason}>Add</AddPaymentMethod>}
    >
      <DataTable
        label="Payment methods"
        columns={COLUMNS}
        rows={data.data}
        rowKey={({ id }) => id}
        empty={
          <EmptyState
            icon="card"
            title="No payment method"
            description="A card is asked for when you choose a plan that costs something."
          />
        }
      />
    </Card>
  )
}

function MethodName({ method }: { readonly method: PaymentMethod }) {
  const { name, expiry, isExpired } = methodWords(method, useNow())
  return (
    <Stack direction="row" gap={2} canWrap>
      <strong>{name}</strong>
      {expiry}
      {method.isDefault && <Badge tone="success">charged</Badge>}
      {isExpired && <Badge tone="danger">expired</Badge>}
    </Stack>
  )
}

function MethodActs({ method }: { readonly method: PaymentMethod }) {
  const disabledReason = useWhyNotPayer()
  const refresh = useBillingRefresh()
  const queryClient = useQueryClient()
  const { data: methods } = useSuspenseQuery(paymentMethodsQuery)
  const { data: overview } = useSuspenseQuery(overviewQuery)
  const { name } = methodWords(method, useNow())
  const params = { methodId: method.id }
  const { subscription, paymentProblem } = overview
  const object = [{ label: 'Method', value: name }]
  const consequences = removalConsequences(method, {
    isOnlyOne: methods.data.length === 1,
    isPlanRunning: subscription !== null && isRunning(subscription),
  })
  return (
    <Stack direction="row" gap={2} justify="end" canWrap>
      {!method.isDefault && (
        <ConfirmDialog
          title={`Charge ${name} from now on?`}
          object={object}
          consequences={[
            'Every further payment is taken from it.',
            ...(paymentProblem === null || paymentProblem.dueAt !== null
              ? []
              : ['What is unpaid is tried with it at once.']),
          ]}
          verb="Charge this one"
          tone="primary"
          trigger={
            <Button size="sm" disabledReason={disabledReason}>
              Charge this one
            </Button>
          }
          onConfirm={async ({ idempotencyKey }) => {
            const path = '/api/v1/portal/payment-methods/{methodId}/default'
            const answer = await client.post(path, { params, idempotencyKey })
            queryClient.setQueryData(paymentMethodsQuery.queryKey, answer)
            await refresh()
          }}
        />
      )}
      <ConfirmDialog
        title={`Remove ${name}?`}
        object={object}
        consequences={consequences}
        verb="Remove"
        trigger={
          <Button size="sm" variant="ghost" disabledReason={disabledReason}>
            Remove
          </Button>
        }
        onConfirm={async ({ idempotencyKey }) => {
          const path = '/api/v1/portal/payment-methods/{methodId}'
          const answer = await client.delete(path, { params, idempotencyKey })
          queryClient.setQueryData(paymentMethodsQuery.queryKey, answer)
          await refresh()
        }}
      />
    </Stack>
  )
}

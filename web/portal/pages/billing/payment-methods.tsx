import { useSuspenseQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Card } from '../../../ui/card.tsx'
import { useNow } from '../../../ui/clock.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paymentMethodsQuery } from '../../queries.ts'
import { OpenPaymentPage } from './open-payment-page.tsx'
import { useWhyNotPayer } from './why-not-payer.ts'
import { methodWords } from './present-method.ts'

/** What is charged, and the way to the provider's page where it is changed. */
export function PaymentMethods() {
  const { data } = useSuspenseQuery(paymentMethodsQuery)
  const disabledReason = useWhyNotPayer()
  const now = useNow()
  const methods = data.data
  if (methods.length === 0) {
    return (
      <Card title="Payment methods">
        <EmptyState
          icon="card"
          title="No payment method"
          description="A card is asked for when you choose a plan that costs something."
          action={<OpenPaymentPage disabledReason={disabledReason}>Add one</OpenPaymentPage>}
        />
      </Card>
    )
  }
  return (
    <Card
      title="Payment methods"
      description="Cards are kept by the payment provider; this page never sees their numbers."
      footer={
        <OpenPaymentPage disabledReason={disabledReason}>Manage payment methods</OpenPaymentPage>
      }
    >
      <KeyValueList
        items={methods.map((method) => {
          const { name, expiry, isExpired } = methodWords(method, now)
          return {
            label: name,
            value: (
              <Stack key={method.id} direction="row" gap={2} canWrap>
                {expiry}
                {method.isDefault && <Badge tone="success">charged</Badge>}
                {isExpired && <Badge tone="danger">expired</Badge>}
              </Stack>
            ),
          }
        })}
      />
    </Card>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { Time } from '../../../ui/time.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { type CustomerDetail, suspensionReason, suspensionWords } from './present-customer.ts'

interface CustomerBannersProps {
  readonly customer: CustomerDetail
}

/** What asks for attention before anything else about this customer is read. */
export function CustomerBanners({ customer }: CustomerBannersProps) {
  const { suspensions, subscription } = customer
  return (
    <>
      {suspensions.map(({ reason, note, suspendedAt }) => (
        <Banner
          key={reason}
          tone="danger"
          title={`Suspended ${suspensionWords(reason)}`}
          action={<Lift customer={customer} reason={reason} />}
        >
          Calls with their keys have been refused since <Time at={suspendedAt} as="date-time" />.
          {note !== null && ` Note: ${note}`}
        </Banner>
      ))}
      {subscription !== null && subscription.overdueSince !== null && (
        <Banner
          tone="warning"
          title="A payment is overdue"
          action={
            <ButtonLink
              size="sm"
              to={paths.customer}
              params={{ customerId: customer.id }}
              search={{ tab: 'billing' }}
            >
              See invoices
            </ButtonLink>
          }
        >
          Since <Time at={subscription.overdueSince} as="date" />. Stripe tries again by its own
          schedule; access ends when the days of grace are over.
        </Banner>
      )}
    </>
  )
}

interface LiftProps {
  readonly customer: CustomerDetail
  readonly reason: string
}

function Lift({ customer, reason }: LiftProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('customers.write')
  const known = suspensionReason(reason)
  if (known === undefined) return null
  const isLast = customer.suspensions.length === 1
  return (
    <ConfirmDialog
      title={`Reinstate ${customer.name}?`}
      object={[
        { label: 'Customer', value: customer.name },
        { label: 'Suspended', value: suspensionWords(reason) },
      ]}
      consequences={
        isLast
          ? ['Their keys work again within a second.', 'Nothing is charged for the time between.']
          : ['This reason is lifted.', 'They stay suspended for the others.']
      }
      verb="Reinstate"
      tone="primary"
      trigger={
        <Button size="sm" disabledReason={refusal}>
          Reinstate
        </Button>
      }
      onConfirm={async ({ idempotencyKey }) => {
        await client.post('/api/v1/customers/{customerId}/reinstate', {
          params: { customerId: customer.id },
          body: { reason: known },
          idempotencyKey,
        })
        await Promise.all(
          ['customers', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
        )
      }}
    />
  )
}

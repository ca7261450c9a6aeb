import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Menu } from '../../../ui/menu.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { EditCustomer } from './edit-customer.tsx'
import { type CustomerDetail, syncWords } from './present-customer.ts'
import { SuspendCustomer } from './suspend-customer.tsx'

type Act = 'suspend' | 'sync' | 'forget'

export function CustomerActions({ customer }: { readonly customer: CustomerDetail }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('customers.write')
  const syncRefusal = useRefusal('webhooks.write')
  const [act, setAct] = useState<Act>()
  const close = () => setAct(undefined)
  const { stripeCustomerId } = customer
  return (
    <>
      <EditCustomer
        customer={customer}
        trigger={
          <Button icon="edit" disabledReason={refusal}>
            Edit
          </Button>
        }
      />
      <Menu
        trigger={
          <IconButton icon="dots" label={`Actions for ${customer.name}`} variant="secondary" />
        }
        sections={[
          {
            items: [
              {
                label: 'Suspend',
                icon: 'pause',
                hint: 'Refuse their calls until you lift it',
                tone: 'danger',
                disabledReason: refusal,
                onSelect: () => setAct('suspend'),
              },
            ],
          },
          {
            items: [
              {
                label: 'Compare with Stripe',
                icon: 'refresh',
                hint: 'Take over what is safe; the rest is a finding',
                disabledReason:
                  syncRefusal ??
                  (stripeCustomerId === null ? 'It has no Stripe customer' : undefined),
                onSelect: () => setAct('sync'),
              },
              {
                label: 'Forget the Stripe customer',
                icon: 'link',
                hint: 'A new one is made when it is needed',
                tone: 'danger',
                disabledReason: refusal ?? (stripeCustomerId === null ? 'It has none' : undefined),
                onSelect: () => setAct('forget'),
              },
            ],
          },
        ]}
      />
      <SuspendCustomer customer={customer} isOpen={act === 'suspend'} onClose={close} />
      <ConfirmDialog
        isOpen={act === 'sync'}
        onOpenChange={close}
        title={`Compare ${customer.name} with Stripe?`}
        object={[
          { label: 'Customer', value: customer.name },
          { label: 'Stripe customer', value: <code>{stripeCustomerId}</code> },
        ]}
        consequences={[
          'What Stripe knows and we do not is taken over, where that is safe.',
          'Everything else that differs becomes a finding; nothing in Stripe is changed.',
        ]}
        verb="Compare now"
        tone="primary"
        onConfirm={async ({ idempotencyKey }) => {
          const { found, left } = await client.post('/api/v1/customers/{customerId}/sync', {
            params: { customerId: customer.id },
            body: {},
            idempotencyKey,
          })
          await queryClient.invalidateQueries()
          announce({ title: syncWords(found.length, left.length) })
        }}
      />
      <ConfirmDialog
        isOpen={act === 'forget'}
        onOpenChange={close}
        title="Forget which Stripe customer this is?"
        object={[
          { label: 'Customer', value: customer.name },
          { label: 'Stripe customer', value: <code>{stripeCustomerId}</code> },
        ]}
        consequences={[
          'Nothing is deleted in Stripe; the connection to it is.',
          'The next checkout or invoice makes a new customer in Stripe.',
          'Payment methods saved with the old one are not taken along.',
        ]}
        verb="Forget Stripe customer"
        onConfirm={async ({ idempotencyKey }) => {
          await client.delete('/api/v1/provider-mappings/stripe/customer/{customerId}', {
            params: { customerId: customer.id },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['customers'] })
        }}
      />
    </>
  )
}

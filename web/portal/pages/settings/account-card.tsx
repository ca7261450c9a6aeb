import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi, useRouter } from '@tanstack/react-router'
import { Card } from '../../../ui/card.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { sessionQuery } from '../../queries.ts'

const app = getRouteApi('/app')

/** What invoices are made out to. */
export function AccountCard() {
  const { account } = app.useRouteContext()
  const queryClient = useQueryClient()
  const router = useRouter()
  const mayChange = account.role === 'owner' || account.role === 'admin'
  const disabledReason = mayChange ? undefined : 'Only owners and admins change the account.'
  return (
    <Card title="Account" description="Keys, usage and invoices belong to it.">
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const email = textOf(values, 'email')
          const body = { name: textOf(values, 'name'), email: email === '' ? null : email }
          await client.patch('/api/v1/portal/account', { body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: sessionQuery.queryKey })
          await router.invalidate()
          announce({ title: 'Account saved' })
        }}
      >
        <Field name="name" label="Name">
          <TextInput
            required
            maxLength={200}
            autoComplete="organization"
            defaultValue={account.name}
            readOnly={!mayChange}
          />
        </Field>
        <Field
          name="email"
          label="Billing email"
          hint="Receipts and payment reminders also go there."
          isOptional
        >
          <TextInput
            type="email"
            autoComplete="email"
            defaultValue={account.email ?? ''}
            readOnly={!mayChange}
          />
        </Field>
        <div>
          <SubmitButton variant="secondary" disabledReason={disabledReason}>
            Save account
          </SubmitButton>
        </div>
      </Form>
    </Card>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'

interface CreateCustomerProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

export function CreateCustomer({ isOpen, onOpenChange }: CreateCustomerProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('customers.write')
  return (
    <Dialog
      title="New customer"
      description="For customers you bring in yourself; others sign up in the portal."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New customer
        </Button>
      }
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const email = textOf(values, 'email')
          const key = textOf(values, 'key')
          const body = {
            name: textOf(values, 'name'),
            email: email === '' ? null : email,
            ...(key !== '' && { key }),
          }
          const customer = await client.post('/api/v1/customers', { body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: ['customers'] })
          await navigate({ to: paths.customer, params: { customerId: customer.id } })
        }}
      >
        <Field name="name" label="Name">
          <TextInput required maxLength={200} autoComplete="off" />
        </Field>
        <Field name="email" label="Billing email" isOptional>
          <TextInput type="email" autoComplete="off" />
        </Field>
        <Field
          name="key"
          label="Key"
          isOptional
          hint="Your own id for this customer: lower-case letters, digits, - and _."
        >
          <TextInput isMono maxLength={64} pattern="[a-z0-9_\-]+" autoComplete="off" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Create customer</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

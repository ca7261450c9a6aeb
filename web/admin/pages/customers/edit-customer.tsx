import { useQueryClient } from '@tanstack/react-query'
import { type ReactElement, useState } from 'react'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import type { CustomerDetail } from './present-customer.ts'

interface EditCustomerProps {
  readonly customer: CustomerDetail
  readonly trigger: ReactElement
}

export function EditCustomer({ customer, trigger }: EditCustomerProps) {
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  return (
    <Dialog title="Edit customer" trigger={trigger} isOpen={isOpen} onOpenChange={setOpen}>
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const email = textOf(values, 'email')
          const days = textOf(values, 'maxPaymentOverdueDays')
          await client.patch('/api/v1/customers/{customerId}', {
            params: { customerId: customer.id },
            body: {
              name: textOf(values, 'name'),
              email: email === '' ? null : email,
              timeZone: textOf(values, 'timeZone'),
              maxPaymentOverdueDays: days === '' ? null : days,
            },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['customers'] })
        }}
      >
        <Field name="name" label="Name">
          <TextInput required maxLength={200} autoComplete="off" defaultValue={customer.name} />
        </Field>
        <Field name="email" label="Billing email" isOptional>
          <TextInput type="email" autoComplete="off" defaultValue={customer.email ?? ''} />
        </Field>
        <Field
          name="timeZone"
          label="Time zone"
          hint="Whose days and months their quotas and usage are counted in, such as Europe/Oslo."
        >
          <TextInput required isMono autoComplete="off" defaultValue={customer.timeZone} />
        </Field>
        <Field
          name="maxPaymentOverdueDays"
          label="Days of access while a payment is overdue"
          isOptional
          hint="Empty leaves it to the plan and the settings."
        >
          <TextInput
            inputMode="decimal"
            autoComplete="off"
            defaultValue={customer.maxPaymentOverdueDays ?? ''}
          />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Save changes</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

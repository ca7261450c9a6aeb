import { useQueryClient } from '@tanstack/react-query'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextArea } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { type CustomerDetail, SUSPEND_OPTIONS } from './present-customer.ts'

interface SuspendCustomerProps {
  readonly customer: CustomerDetail
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function SuspendCustomer({ customer, isOpen, onClose }: SuspendCustomerProps) {
  const queryClient = useQueryClient()
  return (
    <Dialog
      title={`Suspend ${customer.name}?`}
      description="Calls with any of their keys are refused at once. Their subscription and what is billed stay as they are."
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <Form
        onSuccess={onClose}
        onSubmit={async (values, { idempotencyKey }) => {
          const chosen = textOf(values, 'reason')
          const reason = SUSPEND_OPTIONS.find(({ value }) => value === chosen)?.value ?? 'operator'
          const note = textOf(values, 'note')
          await client.post('/api/v1/customers/{customerId}/suspend', {
            params: { customerId: customer.id },
            body: { reason, note: note === '' ? null : note },
            idempotencyKey,
          })
          await Promise.all(
            ['customers', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
          )
        }}
      >
        <Field name="reason" label="Reason" hint="Reasons stack; each is lifted for itself.">
          <Select name="reason" options={SUSPEND_OPTIONS} defaultValue="operator" />
        </Field>
        <Field
          name="note"
          label="Note"
          isOptional
          hint="For your colleagues; the customer does not see it."
        >
          <TextArea maxLength={500} />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton variant="danger">Suspend customer</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

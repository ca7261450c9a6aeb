import { useQueryClient } from '@tanstack/react-query'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { formatAmount } from '../../../ui/format.ts'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { refreshMoney } from '../payments/refresh-money.ts'
import { dueOf, type InvoiceWithLines } from './present-invoice.ts'

interface MarkPaidProps {
  readonly invoice: InvoiceWithLines
  readonly isOpen: boolean
  readonly onOpenChange: () => void
}

/** No money is moved: somebody says that all of it arrived, and what names it. */
export function MarkPaid({ invoice, isOpen, onOpenChange }: MarkPaidProps) {
  const queryClient = useQueryClient()
  const due = dueOf(invoice)
  return (
    <Dialog
      title="Mark this invoice as paid?"
      description={`You say that ${formatAmount(due)} arrived another way. Access that waited for it comes back.`}
      isOpen={isOpen}
      onOpenChange={onOpenChange}
    >
      <Form
        onSuccess={onOpenChange}
        onSubmit={async (values, { idempotencyKey }) => {
          const reference = textOf(values, 'reference')
          await client.post('/api/v1/invoices/{invoiceId}/mark-paid', {
            params: { invoiceId: invoice.id },
            // What is due now may be another amount than was on the screen; that is said then.
            body: { reference: reference === '' ? null : reference, amountMinor: due.amountMinor },
            idempotencyKey,
          })
          await refreshMoney(queryClient)
        }}
      >
        <Field
          name="reference"
          label="Reference"
          isOptional={!invoice.isOffline}
          hint="What names the payment, such as the number of the transfer."
        >
          <TextInput
            name="reference"
            required={invoice.isOffline}
            maxLength={200}
            autoComplete="off"
          />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Mark as paid</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

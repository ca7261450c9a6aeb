import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextArea, TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import type { CustomerDetail } from './present-customer.ts'

const CATEGORIES = [
  { value: 'promotional', label: 'A promotion' },
  { value: 'compensation', label: 'An apology' },
] as const

/** Gives credits, with the reason the audit log keeps. */
export function GiveCredits({ customer }: { readonly customer: CustomerDetail }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('payments.write')
  const [isOpen, setOpen] = useState(false)
  return (
    <Dialog
      title={`Give ${customer.name} credits`}
      description="They can be used at once, before anything else is billed."
      size="sm"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button size="sm" icon="plus" disabledReason={refusal}>
          Give credits
        </Button>
      }
    >
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const chosen = textOf(values, 'category')
          const category = CATEGORIES.find(({ value }) => value === chosen)?.value ?? 'promotional'
          await client.post('/api/v1/customers/{customerId}/credits/grants', {
            params: { customerId: customer.id },
            body: {
              unit: textOf(values, 'unit'),
              amount: textOf(values, 'amount'),
              category,
              note: textOf(values, 'note'),
            },
            idempotencyKey,
          })
          await Promise.all(
            ['credits', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
          )
        }}
      >
        <Field name="amount" label="Amount" hint="Of money in major units: 25 is $25.00.">
          <TextInput required inputMode="decimal" autoComplete="off" />
        </Field>
        <Field
          name="unit"
          label="Unit"
          hint="money:usd, feature:requests, or your own: custom:credits."
        >
          <TextInput isMono required defaultValue="money:usd" autoComplete="off" />
        </Field>
        <Field name="category" label="As">
          <Select name="category" options={CATEGORIES} defaultValue="promotional" />
        </Field>
        <Field name="note" label="Reason" hint="The customer sees it beside the credits.">
          <TextArea required maxLength={500} />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Give credits</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

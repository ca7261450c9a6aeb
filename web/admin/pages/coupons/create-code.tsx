import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'

interface CreateCodeProps {
  readonly couponKey: string
  readonly isArchived: boolean
}

export function CreateCode({ couponKey, isArchived }: CreateCodeProps) {
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const refusal = useRefusal('catalog.write')
  const disabledReason = isArchived ? 'An archived coupon is redeemed by nobody.' : refusal
  return (
    <Dialog
      title="New promotion code"
      description="What customers type in when they buy a plan. Capitals do not matter."
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={disabledReason}>
          New code
        </Button>
      }
    >
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const limit = textOf(values, 'maxRedemptions')
          const until = textOf(values, 'expiresAt')
          const customerId = textOf(values, 'customerId')
          await client.post('/api/v1/coupons/{couponKey}/codes', {
            params: { couponKey },
            body: {
              code: textOf(values, 'code'),
              maxRedemptions: limit === '' ? null : Number(limit),
              expiresAt: until === '' ? null : `${until}T00:00:00Z`,
              customerId: customerId === '' ? null : customerId,
            },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['coupons'] })
        }}
      >
        <Field name="code" label="Code" hint="3 to 40 letters, digits, - or _.">
          <TextInput
            required
            isMono
            minLength={3}
            maxLength={40}
            pattern="[A-Za-z0-9_\-]+"
            autoComplete="off"
            spellCheck={false}
            placeholder="LAUNCH20"
          />
        </Field>
        <Grid gap={4} columns="1fr 1fr">
          <Field name="maxRedemptions" label="Redemptions at most" isOptional>
            <TextInput type="number" min={1} placeholder="any number" />
          </Field>
          <Field name="expiresAt" label="Until" isOptional hint="The first day without it, in UTC.">
            <TextInput type="date" />
          </Field>
        </Grid>
        <Field
          name="customerId"
          label="Only for the customer"
          isOptional
          hint="The customer's id; nobody else learns that the code exists."
        >
          <TextInput isMono autoComplete="off" placeholder="customer_…" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Add code</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

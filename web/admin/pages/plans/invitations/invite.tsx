import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../../ui/dialog.tsx'
import { Field } from '../../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../../ui/form.tsx'
import { TextInput } from '../../../../ui/text-input.tsx'
import { client } from '../../../api.ts'
import { useRefusal } from '../../../permissions.ts'
import { guestOf } from './present-invitation.ts'

interface InviteProps {
  readonly planKey: string
  readonly isOnSale: boolean
}

export function Invite({ planKey, isOnSale }: InviteProps) {
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const refusal = useRefusal('subscriptions.write')
  return (
    <Dialog
      title="Invite to this plan"
      description="The mail carries a link that works once, for whoever it is sent to."
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button icon="plus" disabledReason={refusal ?? (isOnSale ? undefined : 'Publish it first')}>
          Invite
        </Button>
      }
    >
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          await client.post('/api/v1/plans/{planKey}/invitations', {
            params: { planKey },
            body: {
              ...guestOf(textOf(values, 'email')),
              expiresInDays: Number(textOf(values, 'expiresInDays')),
            },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['plans', planKey, 'invitations'] })
        }}
      >
        <Field
          name="email"
          label="Address or customer"
          hint="An e-mail address, customer or not yet; or a customer's id."
        >
          <TextInput
            required
            autoComplete="off"
            spellCheck={false}
            maxLength={254}
            placeholder="ada@example.com"
          />
        </Field>
        <Field name="expiresInDays" label="The link works for">
          <TextInput required type="number" min={1} max={365} defaultValue="14" suffix="days" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Send invitation</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

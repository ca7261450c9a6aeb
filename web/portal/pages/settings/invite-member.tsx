import { useQueryClient } from '@tanstack/react-query'
import { getRouteApi } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { memberInvitationsQuery } from '../../queries.ts'
import type { Role } from '../billing/payer.ts'
import { rolesToGive, whyNotManager } from './present-member.ts'

const app = getRouteApi('/app')

/** Asks for an address and a role, and has the link sent. */
export function InviteMember() {
  const { account } = app.useRouteContext()
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  return (
    <Dialog
      title="Invite somebody"
      description="They get a link by mail, which works once and for 14 days."
      size="sm"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button icon="plus" disabledReason={whyNotManager(account.role)}>
          Invite
        </Button>
      }
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const body = { email: textOf(values, 'email'), role: textOf(values, 'role') as Role }
          await client.post('/api/v1/portal/member-invitations', { body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: memberInvitationsQuery.queryKey })
          setOpen(false)
          announce({ title: 'Invitation sent', description: `To ${body.email}` })
        }}
      >
        <Field name="email" label="Email" hint="They sign in or sign up with this address.">
          <TextInput type="email" required maxLength={254} autoComplete="off" />
        </Field>
        <Field name="role" label="Role">
          <Select name="role" options={rolesToGive(account.role)} defaultValue="developer" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Send invitation</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

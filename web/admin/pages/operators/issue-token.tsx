import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'

interface IssueTokenProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

const LIFETIMES = [
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
  { value: '365', label: 'A year' },
  { value: 'never', label: 'Until it is revoked' },
] as const

export function IssueToken({ isOpen, onOpenChange }: IssueTokenProps) {
  const queryClient = useQueryClient()
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <Dialog
        title="Issue an API token"
        size="sm"
        isOpen={isOpen}
        onOpenChange={onOpenChange}
        trigger={
          <Button variant="primary" icon="plus">
            Issue token
          </Button>
        }
      >
        <Form
          onSubmit={async (values, { idempotencyKey }) => {
            const lifetime = textOf(values, 'expiresInDays')
            const body = {
              name: textOf(values, 'name'),
              expiresInDays: lifetime === 'never' ? null : Number(lifetime),
            }
            const issued = await client.post('/api/v1/tokens', { body, idempotencyKey })
            setSecret(issued.secret)
            onOpenChange(false)
            await queryClient.invalidateQueries({ queryKey: ['tokens'] })
          }}
        >
          <Field name="name" label="Name" hint="What will use it, such as “Nightly export”.">
            <TextInput required maxLength={100} autoComplete="off" />
          </Field>
          <Field name="expiresInDays" label="Valid for">
            <Select name="expiresInDays" options={LIFETIMES} defaultValue="90" />
          </Field>
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Issue token</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      {secret !== undefined && (
        <SecretReveal
          title="Your new API token"
          noun="API token"
          secret={secret}
          onDone={() => setSecret(undefined)}
        />
      )}
    </>
  )
}

import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { keysQuery } from '../../queries.ts'

/** Asks for a name, creates the key, shows it the one time it can be seen. */
export function CreateKey() {
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <Dialog
        title="Create an API key"
        size="sm"
        isOpen={isOpen}
        onOpenChange={setOpen}
        trigger={
          <Button variant="primary" icon="plus">
            Create key
          </Button>
        }
      >
        <Form
          onSubmit={async (values, { idempotencyKey }) => {
            const body = { name: textOf(values, 'name') }
            const issued = await client.post('/api/v1/portal/keys', { body, idempotencyKey })
            setSecret(issued.secret)
            setOpen(false)
            await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
          }}
        >
          <Field name="name" label="Name" hint="Where it will be used, such as “Production”.">
            <TextInput required maxLength={200} autoComplete="off" />
          </Field>
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Create key</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      {secret !== undefined && (
        <SecretReveal
          title="Your new API key"
          noun="API key"
          secret={secret}
          onDone={() => setSecret(undefined)}
        />
      )}
    </>
  )
}

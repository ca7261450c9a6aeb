import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { SecretReveal } from '../../../ui/secret-reveal.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import type { CustomerDetail } from './present-customer.ts'

/** Issues a key on a customer's behalf and shows it the one time it can be seen. */
export function IssueKey({ customer }: { readonly customer: CustomerDetail }) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('keys.write')
  const [isOpen, setOpen] = useState(false)
  const [secret, setSecret] = useState<string>()
  return (
    <>
      <Dialog
        title={`Issue a key for ${customer.name}`}
        description="It counts against their plan. Hand it over on a safe way; we cannot show it again."
        size="sm"
        isOpen={isOpen}
        onOpenChange={setOpen}
        trigger={
          <Button size="sm" icon="plus" disabledReason={refusal}>
            Issue key
          </Button>
        }
      >
        <Form
          onSubmit={async (values, { idempotencyKey }) => {
            const issued = await client.post('/api/v1/customers/{customerId}/keys', {
              params: { customerId: customer.id },
              body: { name: textOf(values, 'name') },
              idempotencyKey,
            })
            setSecret(issued.secret)
            setOpen(false)
            await Promise.all(
              ['customers', 'audit'].map((key) =>
                queryClient.invalidateQueries({ queryKey: [key] }),
              ),
            )
          }}
        >
          <Field name="name" label="Name" hint="Where it will be used, such as “Production”.">
            <TextInput required maxLength={200} autoComplete="off" />
          </Field>
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Issue key</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      {secret !== undefined && (
        <SecretReveal
          title={`The new key of ${customer.name}`}
          noun="API key"
          secret={secret}
          onDone={() => setSecret(undefined)}
        />
      )}
    </>
  )
}

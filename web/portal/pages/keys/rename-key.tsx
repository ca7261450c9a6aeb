import { useQueryClient } from '@tanstack/react-query'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { keysQuery } from '../../queries.ts'
import type { ApiKey } from '../../../ui/present-key.ts'

interface RenameKeyProps {
  readonly apiKey: ApiKey
  readonly isOpen: boolean
  readonly onClose: () => void
}

export function RenameKey({ apiKey, isOpen, onClose }: RenameKeyProps) {
  const queryClient = useQueryClient()
  return (
    <Dialog
      title="Rename key"
      description="Your programs go on working; only the name changes."
      size="sm"
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <Form
        onSuccess={onClose}
        onSubmit={async (values, { idempotencyKey }) => {
          const body = { name: textOf(values, 'name') }
          const params = { keyId: apiKey.id }
          await client.patch('/api/v1/portal/keys/{keyId}', { params, body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: keysQuery.queryKey })
        }}
      >
        <Field name="name" label="Name">
          <TextInput required maxLength={200} defaultValue={apiKey.name} />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Rename</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

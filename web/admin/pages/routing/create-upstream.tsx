import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'

interface CreateUpstreamProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

export function CreateUpstream({ isOpen, onOpenChange }: CreateUpstreamProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('settings.write')
  return (
    <Dialog
      title="New upstream"
      description="An API the gateway passes requests to. Nothing goes there until a route points to it."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New upstream
        </Button>
      }
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const upstreamKey = textOf(values, 'key')
          await client.put('/api/v1/upstreams/{upstreamKey}', {
            params: { upstreamKey },
            body: { targets: [{ url: textOf(values, 'targets[0].url') }] },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['routing'] })
          await navigate({ to: paths.upstream, params: { upstreamKey } })
        }}
      >
        <Field name="key" label="Key" hint="Lower-case letters, digits, - and _.">
          <TextInput
            required
            isMono
            maxLength={64}
            pattern="[a-z0-9_\-]+"
            autoComplete="off"
            placeholder="search-api"
          />
        </Field>
        <Field name="targets[0].url" label="Address" hint="Origin and base path. More can follow.">
          <TextInput
            required
            isMono
            type="url"
            autoComplete="off"
            placeholder="https://api.example.com/v2"
          />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Create upstream</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

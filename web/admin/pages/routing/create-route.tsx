import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import type { Upstream } from './present-routing.ts'

interface CreateRouteProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly upstreams: readonly Upstream[]
}

/** Asks for what cannot be guessed and makes the route switched off; what it costs is said on its page. */
export function CreateRoute({ isOpen, onOpenChange, upstreams }: CreateRouteProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('settings.write')
  const missing = upstreams.length === 0 ? 'Make an upstream first: where should it go?' : undefined
  return (
    <Dialog
      title="New route"
      description="It is made switched off, so that you can say what its requests count as before they come."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal ?? missing}>
          New route
        </Button>
      }
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const routeKey = textOf(values, 'key')
          await client.put('/api/v1/routes/{routeKey}', {
            params: { routeKey },
            body: {
              match: { kind: 'prefix', path: textOf(values, 'match.path') },
              upstreamKey: textOf(values, 'upstreamKey'),
              isEnabled: false,
            },
            idempotencyKey,
          })
          await queryClient.invalidateQueries({ queryKey: ['routing'] })
          await navigate({ to: paths.route, params: { routeKey } })
        }}
      >
        <Field name="key" label="Key" hint="Lower-case letters, digits, - and _.">
          <TextInput
            required
            isMono
            maxLength={64}
            pattern="[a-z0-9_\-]+"
            autoComplete="off"
            placeholder="search"
          />
        </Field>
        <Field name="match.path" label="Path" hint="Requests to it and to everything below it.">
          <TextInput required isMono pattern="/.*" autoComplete="off" placeholder="/v1/search" />
        </Field>
        <Field name="upstreamKey" label="Goes to">
          <Select
            name="upstreamKey"
            defaultValue={upstreams[0]?.key ?? ''}
            options={upstreams.map(({ key, targets }) => ({
              value: key,
              label: key,
              description: targets[0]?.url ?? '',
            }))}
          />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Create route</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

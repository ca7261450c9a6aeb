import { useQueryClient } from '@tanstack/react-query'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import type { Meter } from './present-meter.ts'

interface CreateFeatureProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
  readonly meters: readonly Meter[]
}

/** No meter has this key: keys have no blanks. */
const NO_METER = 'not measured'

export function CreateFeature({ isOpen, onOpenChange, meters }: CreateFeatureProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('catalog.write')
  return (
    <Dialog
      title="New feature"
      description="Something a plan can grant: an amount of what a meter counts, or simply the right to it."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New feature
        </Button>
      }
    >
      <Form
        onSuccess={() => onOpenChange(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const meterKey = textOf(values, 'meterKey')
          const body = {
            key: textOf(values, 'key'),
            name: textOf(values, 'name'),
            meterKey: meterKey === NO_METER ? null : meterKey,
          }
          await client.post('/api/v1/features', { body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: ['features'] })
        }}
      >
        <Field name="name" label="Name" hint="As customers read it on the pricing page.">
          <TextInput required maxLength={200} autoComplete="off" placeholder="API requests" />
        </Field>
        <Field name="key" label="Key" hint="Lower-case letters, digits and _.">
          <TextInput
            required
            isMono
            maxLength={64}
            pattern="[a-z0-9_]+"
            autoComplete="off"
            placeholder="requests"
          />
        </Field>
        <Field name="meterKey" label="Counted by">
          <Select
            name="meterKey"
            defaultValue={meters[0]?.key ?? NO_METER}
            options={[
              ...meters.map(({ key, name }) => ({ value: key, label: name, description: key })),
              { value: NO_METER, label: 'Nothing', description: 'It is on or off, or has a value' },
            ]}
          />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Create feature</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

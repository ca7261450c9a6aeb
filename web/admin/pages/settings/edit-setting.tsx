import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { ConfirmDialog } from '../../../ui/confirm-dialog.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, secretOf, SubmitButton } from '../../../ui/form.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import { refusalToEdit, type Setting, shapeOf } from './present-setting.ts'

/** What a setting may change: the connection, the portal's name, the whole product's behaviour. */
const AFFECTED = ['settings', 'connection', 'status', 'summary', 'audit']

export function EditSetting({ setting }: { readonly setting: Setting }) {
  const queryClient = useQueryClient()
  const [isOpen, setOpen] = useState(false)
  const refusal = useRefusal('settings.write') ?? refusalToEdit(setting)
  const { title } = shapeOf(setting)
  const params = { settingKey: setting.key }
  const refresh = () =>
    Promise.all(AFFECTED.map((key) => queryClient.invalidateQueries({ queryKey: [key] })))
  return (
    <>
      {setting.source === 'database' && (
        <ConfirmDialog
          title={`Put “${title}” back to its default?`}
          object={[{ label: 'Setting', value: <code>{setting.key}</code> }]}
          consequences={
            setting.isSecret
              ? ['The secret is deleted here and cannot be read back.']
              : ['The value set here is forgotten.', 'The default applies at once.']
          }
          verb="Use the default"
          tone={setting.isSecret ? 'danger' : 'primary'}
          trigger={
            <IconButton
              icon="refund"
              size="sm"
              label={`Put ${title} back to its default`}
              disabledReason={refusal}
            />
          }
          onConfirm={async ({ idempotencyKey }) => {
            await client.delete('/api/v1/settings/{settingKey}', { params, idempotencyKey })
            await refresh()
          }}
        />
      )}
      <Dialog
        title={title}
        description={setting.description}
        size="sm"
        isOpen={isOpen}
        onOpenChange={setOpen}
        trigger={
          <Button size="sm" disabledReason={refusal} aria-label={`Change ${title}`}>
            Change
          </Button>
        }
      >
        <Form
          onSuccess={() => setOpen(false)}
          onSubmit={async (values, { idempotencyKey }) => {
            const body = { value: secretOf(values, 'value').trim() }
            await client.put('/api/v1/settings/{settingKey}', { params, body, idempotencyKey })
            await refresh()
          }}
        >
          <SettingField setting={setting} />
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Save</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
    </>
  )
}

function SettingField({ setting }: { readonly setting: Setting }) {
  const { input } = shapeOf(setting)
  if (typeof input !== 'string') {
    return (
      <Field name="value" label="Value">
        <Select
          name="value"
          options={input}
          {...(setting.value !== null && { defaultValue: setting.value })}
        />
      </Field>
    )
  }
  if (input === 'secret') {
    return (
      <Field
        name="value"
        label="New value"
        hint="Sealed when it is stored and never shown again, only how it ends."
      >
        <TextInput type="password" required autoComplete="off" isMono />
      </Field>
    )
  }
  return (
    <Field
      name="value"
      label="Value"
      {...(input === 'color' && { hint: 'As #rrggbb, such as #2f55d4.' })}
    >
      <TextInput
        required
        autoComplete="off"
        inputMode={input === 'number' ? 'decimal' : 'text'}
        isMono={input === 'color'}
        defaultValue={setting.value ?? ''}
      />
    </Field>
  )
}

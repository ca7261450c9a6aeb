import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { ConfirmDialog } from '../../ui/confirm-dialog.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Form, SubmitButton } from '../../ui/form.tsx'
import { SecretReveal } from '../../ui/secret-reveal.tsx'
import { Stack } from '../../ui/stack.tsx'
import { TextInput } from '../../ui/text-input.tsx'
import { refusal, SECRET } from '../samples.ts'

const wait = () => new Promise((resolve) => setTimeout(resolve, 900))

export function OverlaySection() {
  const [isRevealing, setRevealing] = useState(false)
  const [isRenaming, setRenaming] = useState(false)
  return (
    <Stack direction="row" gap={2} canWrap>
      <Dialog
        title="Rename key"
        description="Your programs go on working; only the name changes."
        size="sm"
        trigger={<Button>Dialog</Button>}
        isOpen={isRenaming}
        onOpenChange={setRenaming}
      >
        <Form onSubmit={wait} onSuccess={() => setRenaming(false)}>
          <Field name="name" label="Name">
            <TextInput required defaultValue="Production" />
          </Field>
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Rename</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      <ConfirmDialog
        trigger={<Button>Confirm a refund</Button>}
        title="Refund invoice FB-0042?"
        amount="$29.00"
        object={[
          { label: 'Customer', value: 'Kestrel Maps' },
          { label: 'Card', value: 'Visa •••• 4242' },
        ]}
        consequences={[
          'The money is back on the card in 5 to 10 days.',
          'The subscription and its quota stay as they are.',
          'Stripe keeps its processing fee of $1.14.',
        ]}
        verb="Refund $29.00"
        tone="primary"
        onConfirm={wait}
      />
      <ConfirmDialog
        trigger={<Button>Confirm by typing</Button>}
        title="Revoke the key “Production”?"
        object={[
          { label: 'Key', value: <code>fb_live_…h4Qz</code> },
          { label: 'Last used', value: '34 seconds ago' },
        ]}
        consequences={['Calls with this key fail within a second.', 'It cannot be brought back.']}
        verb="Revoke key"
        typedWord="Production"
        onConfirm={async () => {
          await wait()
          throw refusal({
            code: 'key_in_use',
            title: 'The key was not revoked',
            detail: 'Someone else has just rotated it. Look at it again.',
          })
        }}
      />
      <Button onClick={() => setRevealing(true)}>Reveal a secret once</Button>
      {isRevealing && (
        <SecretReveal
          title="Your new API key"
          noun="API key"
          secret={SECRET}
          onDone={() => setRevealing(false)}
        />
      )}
    </Stack>
  )
}

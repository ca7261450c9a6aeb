import { useQueryClient } from '@tanstack/react-query'
import { Banner } from '../../../ui/banner.tsx'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, secretOf, SubmitButton } from '../../../ui/form.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'

interface ConnectStripeProps {
  readonly connection: {
    readonly mode: 'test' | 'live'
    readonly isSimulated: boolean
    readonly keyEnding: string | null
  }
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

/** Takes a secret key; the server asks Stripe about it before it keeps it. */
export function ConnectStripe({ connection, isOpen, onOpenChange }: ConnectStripeProps) {
  const queryClient = useQueryClient()
  const refusal = useRefusal('settings.write')
  const { mode, isSimulated, keyEnding } = connection
  const verb = keyEnding === null ? 'Connect account' : 'Replace key'
  return (
    <Dialog
      title={mode === 'live' ? 'Connect your live Stripe account' : 'Connect a Stripe account'}
      description="The key is checked with Stripe before it is stored, sealed, and never shown again."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button
          variant={keyEnding === null && !isSimulated ? 'primary' : 'secondary'}
          icon="plug"
          disabledReason={refusal}
        >
          {verb}
        </Button>
      }
    >
      <Form
        onSuccess={() => onOpenChange(false)}
        onSubmit={async (values, { idempotencyKey }) => {
          const body = { secretKey: secretOf(values, 'secretKey').trim() }
          await client.post('/api/v1/stripe/connection', { body, idempotencyKey })
          await queryClient.invalidateQueries()
          announce({ title: 'Stripe is connected' })
        }}
      >
        {isSimulated && (
          <Banner tone="warning" title="Test mode is bound to the simulated Stripe">
            What was made there does not exist in your account. Start a fresh installation for your
            own test account, so that no id leads nowhere.
          </Banner>
        )}
        <Field
          name="secretKey"
          label="Secret or restricted key"
          hint={
            mode === 'live'
              ? 'Starts with sk_live_ or rk_live_.'
              : 'Starts with sk_test_ or rk_test_.'
          }
        >
          <TextInput type="password" required isMono autoComplete="off" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>{verb}</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

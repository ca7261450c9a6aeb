import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { KeyValueList } from '../../../ui/key-value-list.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { startOfDay, type Subscription } from './present-subscription.ts'

interface PauseSubscriptionProps {
  readonly subscription: Subscription
  readonly customerName: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onDone: () => Promise<unknown>
}

/** Pauses what runs, until a day or until somebody resumes it. */
export function PauseSubscription(props: PauseSubscriptionProps) {
  const { subscription, customerName, isOpen, onClose, onDone } = props
  return (
    <Dialog
      title="Pause this subscription?"
      description="Calls with their keys are refused meanwhile. What was paid ahead is credited to the balance, and nothing is charged until it goes on."
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          await client.post('/api/v1/subscriptions/{subscriptionId}/pause', {
            params: { subscriptionId: subscription.id },
            body: { resumesAt: startOfDay(textOf(values, 'resumesAt')) },
            ifMatch: subscription.version,
            idempotencyKey,
          })
          await onDone()
          onClose()
        }}
      >
        <KeyValueList
          items={[
            { label: 'Customer', value: customerName },
            {
              label: 'Plan',
              value: `${subscription.planName}, version ${subscription.planVersion}`,
            },
          ]}
        />
        <Field
          name="resumesAt"
          label="Resumes on"
          hint="With the beginning of that day (UTC). Without a day it waits until somebody resumes it."
          isOptional
        >
          <TextInput type="date" />
        </Field>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Pause subscription</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

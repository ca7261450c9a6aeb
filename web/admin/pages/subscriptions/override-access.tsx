import { useState } from 'react'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { SegmentedControl } from '../../../ui/segmented-control.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { type AccessKind, overrideOf, overrideWords } from './present-access.ts'
import type { Subscription } from './present-subscription.ts'

interface OverrideAccessProps {
  readonly subscription: Subscription
  readonly customerName: string
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onDone: () => Promise<unknown>
}

/** Lets a customer in until a day, or keeps them out, whatever was paid; and takes that back. */
export function OverrideAccess(props: OverrideAccessProps) {
  const { customerName, isOpen, onClose } = props
  return (
    <Dialog
      title={`Decide about the access of ${customerName}`}
      description="It counts until you take it back or its day has come, whatever is paid, paused or ended."
      isOpen={isOpen}
      onOpenChange={onClose}
    >
      <Decision {...props} />
    </Dialog>
  )
}

const CHOICES = [
  { value: 'allow_until', label: 'Let them in' },
  { value: 'deny', label: 'Keep them out' },
  { value: 'none', label: 'As plan and payment say' },
] as const

function Decision({ subscription, onClose, onDone }: OverrideAccessProps) {
  const { id, accessOverride, version } = subscription
  const [kind, setKind] = useState<AccessKind>(accessOverride?.kind ?? 'allow_until')
  return (
    <Form
      onSubmit={async (values, { idempotencyKey }) => {
        const override = overrideOf(
          kind,
          textOf(values, 'override.until'),
          textOf(values, 'override.note'),
        )
        await client.put('/api/v1/subscriptions/{subscriptionId}/access', {
          params: { subscriptionId: id },
          body: { override },
          ifMatch: version,
          idempotencyKey,
        })
        await onDone()
        onClose()
      }}
    >
      <p>
        {accessOverride === null ? 'Plan and payment decide now.' : overrideWords(accessOverride)}
      </p>
      <SegmentedControl label="Access" options={CHOICES} value={kind} onChange={setKind} />
      {kind === 'allow_until' && (
        <Field
          name="override.until"
          label="Until"
          hint="From the beginning of that day (UTC), plan and payment decide again."
        >
          <TextInput
            type="date"
            required
            defaultValue={
              accessOverride?.kind === 'allow_until' ? accessOverride.until.slice(0, 10) : ''
            }
          />
        </Field>
      )}
      {kind === 'deny' && (
        <Field
          name="override.note"
          label="Reason"
          hint="The customer reads it, in the portal and when calls are refused."
        >
          <TextInput
            required
            maxLength={500}
            defaultValue={accessOverride?.kind === 'deny' ? accessOverride.note : ''}
          />
        </Field>
      )}
      <DialogActions>
        <DialogCancel />
        <SubmitButton variant={kind === 'deny' ? 'danger' : 'primary'}>
          {CHOICES.find(({ value }) => value === kind)?.label ?? 'Save'}
        </SubmitButton>
      </DialogActions>
    </Form>
  )
}

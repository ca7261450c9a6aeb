import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { CADENCES, feeCard } from './edit/draft.ts'

interface CreatePlanProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

/** Makes a draft of what every plan has; the rest is said in the editor it opens. */
export function CreatePlan({ isOpen, onOpenChange }: CreatePlanProps) {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const refusal = useRefusal('catalog.write')
  return (
    <Dialog
      title="New plan"
      description="It begins as a draft: nobody sees it before it is published."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New plan
        </Button>
      }
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const planKey = textOf(values, 'key')
          const name = textOf(values, 'definition.name')
          const currency = textOf(values, 'currency').toLowerCase()
          const billingCadence = textOf(values, 'definition.billingCadence')
          const fee = textOf(values, 'fee')
          const rateCards =
            fee === '' ? [] : [feeCard({ planName: name, billingCadence, currency, amount: fee })]
          await client.post('/api/v1/plans', {
            body: {
              key: planKey,
              definition: {
                name,
                currencies: [currency],
                billingCadence,
                phases: [{ key: 'standard', name: 'Standard', duration: null, rateCards }],
              },
            },
            idempotencyKey,
          })
          await Promise.all(
            ['plans', 'summary', 'audit'].map((key) =>
              queryClient.invalidateQueries({ queryKey: [key] }),
            ),
          )
          await navigate({ to: paths.planDraft, params: { planKey } })
        }}
      >
        <Grid gap={4} columns="1fr 1fr">
          <Field name="definition.name" label="Name" hint="As customers read it.">
            <TextInput required maxLength={200} autoComplete="off" placeholder="Team" />
          </Field>
          <Field name="key" label="Key" hint="Lower-case letters, digits and _.">
            <TextInput
              required
              isMono
              maxLength={64}
              pattern="[a-z0-9_]+"
              autoComplete="off"
              placeholder="team"
            />
          </Field>
        </Grid>
        <Grid gap={4} columns="1fr 1fr 1fr">
          <Field name="definition.billingCadence" label="Billed">
            <Select
              name="definition.billingCadence"
              defaultValue="P1M"
              options={CADENCES.map(({ value, label }) => ({ value, label }))}
            />
          </Field>
          <Field name="fee" label="Fee" isOptional hint="Empty: no fee of its own.">
            <TextInput
              inputMode="decimal"
              pattern="\d+(\.\d{1,12})?"
              autoComplete="off"
              placeholder="49.00"
            />
          </Field>
          <Field name="currency" label="Currency" hint="More can follow.">
            <TextInput required isMono pattern="[A-Za-z]{3}" defaultValue="usd" />
          </Field>
        </Grid>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Create draft</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

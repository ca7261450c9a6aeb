import { useQueryClient } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Select } from '../../../ui/select.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { TextInput } from '../../../ui/text-input.tsx'
import { announce } from '../../../ui/toast.tsx'
import { client } from '../../api.ts'
import { useWhyNotPayer } from '../billing/why-not-payer.ts'
import { type Credits, type Pack, packWords } from './present-credits.ts'

interface TopUpCardProps {
  readonly packs: readonly Pack[]
  readonly topUp: Credits['topUp']
}

/** Buys by itself before the credits run out, within the limits one sets. */
export function TopUpCard({ packs, topUp }: TopUpCardProps) {
  const queryClient = useQueryClient()
  const disabledReason = useWhyNotPayer()
  return (
    <Card
      title="Top up by itself"
      description="Charges your payment method when the balance falls below a threshold."
    >
      <Form
        onSubmit={async (values, { idempotencyKey }) => {
          const body = {
            isEnabled: values.get('isEnabled') !== null,
            packKey: textOf(values, 'packKey'),
            quantity: Number(textOf(values, 'quantity')),
            threshold: textOf(values, 'threshold'),
            maximumPerDay: textOf(values, 'maximumPerDay') || null,
            maximumPerMonth: textOf(values, 'maximumPerMonth') || null,
          }
          await client.put('/api/v1/portal/credits/top-up', { body, idempotencyKey })
          await queryClient.invalidateQueries({ queryKey: ['credits'] })
          announce({ title: 'Top-up saved' })
        }}
      >
        <Switch name="isEnabled" label="On" isOnByDefault={topUp?.isEnabled ?? false} />
        <Grid gap={4} minWidth="13rem">
          <Field name="packKey" label="Pack">
            <Select
              name="packKey"
              options={packs.map((pack) => ({
                value: pack.key,
                label: pack.name,
                description: packWords(pack),
              }))}
              defaultValue={topUp?.packKey ?? packs[0]?.key ?? ''}
            />
          </Field>
          <Field name="quantity" label="How many">
            <TextInput
              type="number"
              min={1}
              max={1000}
              required
              defaultValue={topUp?.quantity ?? 1}
            />
          </Field>
          <Field name="threshold" label="When less is left than">
            <TextInput inputMode="decimal" required defaultValue={topUp?.threshold ?? ''} />
          </Field>
          <Field name="maximumPerDay" label="Credits a day at most" isOptional>
            <TextInput inputMode="decimal" defaultValue={topUp?.maximumPerDay ?? ''} />
          </Field>
          <Field name="maximumPerMonth" label="Credits a month at most" isOptional>
            <TextInput inputMode="decimal" defaultValue={topUp?.maximumPerMonth ?? ''} />
          </Field>
        </Grid>
        <div>
          <SubmitButton variant="secondary" disabledReason={disabledReason}>
            Save top-up
          </SubmitButton>
        </div>
      </Form>
    </Card>
  )
}

import { Card } from '../../ui/card.tsx'
import { Checkbox } from '../../ui/checkbox.tsx'
import { Field } from '../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../ui/form.tsx'
import { Grid } from '../../ui/grid.tsx'
import { Select } from '../../ui/select.tsx'
import { Stack } from '../../ui/stack.tsx'
import { Switch } from '../../ui/switch.tsx'
import { TextArea, TextInput } from '../../ui/text-input.tsx'
import { refusal } from '../samples.ts'

const OVERLAPS = [
  { value: 'PT1H', label: '1 hour' },
  { value: 'P1D', label: '1 day', description: 'Enough for most deployments' },
  { value: 'P7D', label: '7 days' },
]

/** Refuses the name "taken" at its field and "broken" for the whole form, to see both. */
async function pretend(values: FormData): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, 700))
  const name = textOf(values, 'name')
  if (name === 'broken') {
    throw refusal({
      title: 'The key was not created',
      detail: 'Your plan allows 5 keys. Revoke one, or upgrade.',
    })
  }
  if (name === 'taken') {
    throw refusal({ errors: [{ path: 'name', message: 'Another key has this name.' }] })
  }
}

export function FormSection() {
  return (
    <Grid gap={5} minWidth="22rem">
      <Card title="New API key" description="Try the names “taken” and “broken”.">
        <Form onSubmit={pretend}>
          <Field name="name" label="Name" hint="Where the key will be used.">
            <TextInput required maxLength={80} placeholder="Production" />
          </Field>
          <Field name="overlap" label="The old key works for another">
            <Select name="overlap" options={OVERLAPS} defaultValue="P1D" />
          </Field>
          <Field name="budget" label="Monthly budget" isOptional>
            <TextInput inputMode="decimal" prefix="$" suffix="USD" placeholder="100.00" />
          </Field>
          <Stack direction="row" justify="end">
            <SubmitButton icon="key">Create key</SubmitButton>
          </Stack>
        </Form>
      </Card>
      <Card title="Notifications">
        <Stack gap={5}>
          <Switch
            label="Quota warnings"
            description="At 80 % and 100 % of what the plan includes."
            name="quota"
            isOnByDefault
          />
          <Switch
            label="Receipts"
            description="A mail for every payment, with the invoice attached."
            name="receipts"
          />
          <Field name="note" label="Note for your team" isOptional>
            <TextArea placeholder="Only operators see this." />
          </Field>
          <Field name="password" label="Password">
            <TextInput type="password" defaultValue="correct horse battery" />
          </Field>
          <Checkbox name="terms" label="I agree to the terms of service." />
        </Stack>
      </Card>
    </Grid>
  )
}

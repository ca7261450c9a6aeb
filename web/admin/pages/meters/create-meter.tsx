import { useQueryClient } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Field } from '../../../ui/field.tsx'
import { Form, SubmitButton, textOf } from '../../../ui/form.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Select } from '../../../ui/select.tsx'
import { TextArea, TextInput } from '../../../ui/text-input.tsx'
import { client } from '../../api.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { AGGREGATION_OPTIONS, parsePairs } from './present-meter.ts'

interface CreateMeterProps {
  readonly isOpen: boolean
  readonly onOpenChange: (isOpen: boolean) => void
}

export function CreateMeter({ isOpen, onOpenChange }: CreateMeterProps) {
  const refusal = useRefusal('catalog.write')
  return (
    <Dialog
      title="New meter"
      description="A rule that turns usage events into a number. It cannot be changed once plans rely on it."
      isOpen={isOpen}
      onOpenChange={onOpenChange}
      trigger={
        <Button variant="primary" icon="plus" disabledReason={refusal}>
          New meter
        </Button>
      }
    >
      <MeterForm />
    </Dialog>
  )
}

function MeterForm() {
  const queryClient = useQueryClient()
  const navigate = useNavigate()
  const [aggregation, setAggregation] =
    useState<(typeof AGGREGATION_OPTIONS)[number]['value']>('count')
  const needsValue = aggregation !== 'count'
  return (
    <Form
      onSubmit={async (values, { idempotencyKey }) => {
        const valueProperty = textOf(values, 'valueProperty')
        const body = {
          key: textOf(values, 'key'),
          name: textOf(values, 'name'),
          eventType: textOf(values, 'eventType'),
          aggregation,
          valueProperty: needsValue ? valueProperty : null,
          groupBy: parsePairs(textOf(values, 'groupBy')) ?? {},
          unit: textOf(values, 'unit'),
        }
        const meter = await client.post('/api/v1/meters', { body, idempotencyKey })
        await queryClient.invalidateQueries({ queryKey: ['meters'] })
        await navigate({ to: paths.meter, params: { meterKey: meter.key } })
      }}
    >
      <Grid gap={4} columns="1fr 1fr">
        <Field name="name" label="Name">
          <TextInput required maxLength={200} autoComplete="off" placeholder="Requests" />
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
      </Grid>
      <Grid gap={4} columns="1fr 1fr">
        <Field name="eventType" label="Event type" hint="Which events it looks at.">
          <TextInput required isMono maxLength={100} autoComplete="off" placeholder="request" />
        </Field>
        <Field name="unit" label="Unit" hint="In the singular: request, token, GB-month.">
          <TextInput required maxLength={50} autoComplete="off" placeholder="request" />
        </Field>
      </Grid>
      <Field name="aggregation" label="What it makes of them">
        <Select
          name="aggregation"
          options={AGGREGATION_OPTIONS}
          value={aggregation}
          onChange={setAggregation}
        />
      </Field>
      {needsValue && (
        <Field name="valueProperty" label="Value" hint="The property of the event with the value.">
          <TextInput required isMono maxLength={200} autoComplete="off" placeholder="tokens" />
        </Field>
      )}
      <Field
        name="groupBy"
        label="Dimensions"
        isOptional
        hint="One per line, name: property. Usage can be priced and shown by them."
      >
        <TextArea isMono rows={2} placeholder="model: model" />
      </Field>
      <DialogActions>
        <DialogCancel />
        <SubmitButton>Create meter</SubmitButton>
      </DialogActions>
    </Form>
  )
}

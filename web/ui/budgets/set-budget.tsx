import { useState } from 'react'
import { Button } from '../button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../dialog.tsx'
import { Field } from '../field.tsx'
import { Form, SubmitButton, textOf } from '../form.tsx'
import { Select } from '../select.tsx'
import { TextInput } from '../text-input.tsx'
import { BudgetFields } from './budget-fields.tsx'
import type { BudgetActs } from './budget-acts.ts'
import {
  ALL_KEYS,
  type BudgetKey,
  type BudgetMeter,
  keyOptions,
  measureOptions,
  newBudgetOf,
} from './present-budget.ts'

interface SetBudgetProps {
  readonly meters: readonly BudgetMeter[]
  readonly keys: readonly BudgetKey[]
  readonly currency: string | null
  readonly onSet: BudgetActs['set']
  readonly disabledReason: string | undefined
}

export function SetBudget({ meters, keys, currency, onSet, disabledReason }: SetBudgetProps) {
  const [isOpen, setOpen] = useState(false)
  const measures = measureOptions(meters, currency)
  return (
    <Dialog
      title="Set a budget"
      description="What is used already since it last started anew counts."
      size="sm"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={
        <Button
          icon="plus"
          disabledReason={
            disabledReason ??
            (measures.length === 0 ? 'No meter adds up, so none can be limited.' : undefined)
          }
        >
          Set budget
        </Button>
      }
    >
      <Form
        onSuccess={() => setOpen(false)}
        onSubmit={(values, { idempotencyKey }) =>
          onSet(
            newBudgetOf((name) => textOf(values, name)),
            idempotencyKey,
          )
        }
      >
        <Field name="name" label="Name" hint="Mails and refused calls name it.">
          <TextInput required maxLength={200} autoComplete="off" />
        </Field>
        <Field name="keyId" label="For">
          <Select name="keyId" options={keyOptions(keys)} defaultValue={ALL_KEYS} />
        </Field>
        <Field name="meterKey" label="Counts">
          <Select name="meterKey" options={measures} defaultValue={measures[0]?.value ?? ''} />
        </Field>
        <BudgetFields />
        <DialogActions>
          <DialogCancel />
          <SubmitButton>Set budget</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

import { Field } from '../field.tsx'
import { Grid } from '../grid.tsx'
import { Select } from '../select.tsx'
import { TextInput } from '../text-input.tsx'
import { type Budget, WINDOWS } from './present-budget.ts'

const BEYOND = [
  { value: 'hard', label: 'Refuse calls', description: 'Until it starts anew or is raised' },
  { value: 'soft', label: 'Only tell', description: 'Nothing is refused' },
] as const

/** What can be said of a new budget and changed of an old one. */
export function BudgetFields({ budget }: { readonly budget?: Budget }) {
  return (
    <>
      <Grid gap={4} minWidth="9rem">
        <Field name="amount" label="Amount">
          <TextInput
            required
            inputMode="decimal"
            autoComplete="off"
            defaultValue={budget?.amount}
          />
        </Field>
        <Field name="window" label="Starts anew">
          <Select name="window" options={WINDOWS} defaultValue={budget?.window ?? 'month'} />
        </Field>
      </Grid>
      <Field name="isHard" label="When it is used up">
        <Select
          name="isHard"
          options={BEYOND}
          defaultValue={budget?.isHard === false ? 'soft' : 'hard'}
        />
      </Field>
      <Field
        name="alertPercents"
        label="Mail at"
        hint="Percent of the budget, such as 80, 100."
        isOptional
      >
        <TextInput
          inputMode="numeric"
          autoComplete="off"
          suffix="%"
          pattern="\s*(\d+\s*%?\s*(,\s*\d+\s*%?\s*)*)?"
          defaultValue={(budget?.alertPercents ?? [80, 100]).join(', ')}
        />
      </Field>
    </>
  )
}

import { useState } from 'react'
import { ConfirmDialog } from '../confirm-dialog.tsx'
import { Dialog, DialogActions, DialogCancel } from '../dialog.tsx'
import { Field } from '../field.tsx'
import { Form, SubmitButton, textOf } from '../form.tsx'
import { IconButton } from '../icon-button.tsx'
import { Menu } from '../menu.tsx'
import { TextInput } from '../text-input.tsx'
import { BudgetFields } from './budget-fields.tsx'
import type { BudgetActs } from './budget-acts.ts'
import { type Budget, type BudgetWords, changeOf } from './present-budget.ts'

interface BudgetActionsProps {
  readonly budget: Budget
  readonly words: BudgetWords
  readonly acts: BudgetActs
  readonly disabledReason: string | undefined
}

export function BudgetActions({ budget, words, acts, disabledReason }: BudgetActionsProps) {
  const [act, setAct] = useState<'change' | 'remove'>()
  const close = () => setAct(undefined)
  return (
    <>
      <Menu
        trigger={<IconButton icon="dots" label={`Actions for ${budget.name}`} size="sm" />}
        sections={[
          {
            items: [
              { label: 'Change', icon: 'edit', disabledReason, onSelect: () => setAct('change') },
            ],
          },
          {
            items: [
              {
                label: 'Remove',
                icon: 'trash',
                tone: 'danger',
                disabledReason,
                onSelect: () => setAct('remove'),
              },
            ],
          },
        ]}
      />
      <Dialog
        title={`Change the budget “${budget.name}”`}
        description="It counts within a second. For another key or another meter, set a new budget."
        size="sm"
        isOpen={act === 'change'}
        onOpenChange={close}
      >
        <Form
          onSuccess={close}
          onSubmit={(values, { idempotencyKey }) =>
            acts.change(
              budget.id,
              changeOf((name) => textOf(values, name)),
              idempotencyKey,
            )
          }
        >
          <Field name="name" label="Name">
            <TextInput required maxLength={200} autoComplete="off" defaultValue={budget.name} />
          </Field>
          <BudgetFields budget={budget} />
          <DialogActions>
            <DialogCancel />
            <SubmitButton>Change budget</SubmitButton>
          </DialogActions>
        </Form>
      </Dialog>
      <ConfirmDialog
        isOpen={act === 'remove'}
        onOpenChange={close}
        title={`Remove the budget “${budget.name}”?`}
        object={[
          { label: 'For', value: words.terms[0] },
          { label: 'Amount', value: `${words.amount(budget.amount)} ${words.unit}` },
        ]}
        consequences={[
          budget.isHard
            ? 'Calls it would have refused go through, within what the plan allows.'
            : 'Nobody is told anymore how much is used.',
        ]}
        verb="Remove budget"
        onConfirm={({ idempotencyKey }) => acts.remove(budget.id, idempotencyKey)}
      />
    </>
  )
}

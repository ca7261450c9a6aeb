import { useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Dialog, DialogActions, DialogCancel } from '../../../ui/dialog.tsx'
import { Form, SubmitButton } from '../../../ui/form.tsx'
import { IconButton } from '../../../ui/icon-button.tsx'
import { client } from '../../api.ts'
import { useRefusal } from '../../permissions.ts'
import styles from './plan-order.module.css'
import { moved, nameOf, type Plan } from './present-plan.ts'

/** Which change of plan is an upgrade: decided by this order, whatever the plans cost. */
export function PlanOrder({ plans }: { readonly plans: readonly Plan[] }) {
  const [isOpen, setOpen] = useState(false)
  const refusal = useRefusal('catalog.write')
  const disabledReason = refusal ?? (plans.length < 2 ? 'There is one plan only' : undefined)
  return (
    <Dialog
      title="Order the plans"
      description="Moving to a plan further down is an upgrade and happens at once; moving up is a downgrade and waits for the next period."
      size="sm"
      isOpen={isOpen}
      onOpenChange={setOpen}
      trigger={<Button disabledReason={disabledReason}>Order</Button>}
    >
      <OrderForm plans={plans} onDone={() => setOpen(false)} />
    </Dialog>
  )
}

interface OrderFormProps {
  readonly plans: readonly Plan[]
  readonly onDone: () => void
}

function OrderForm({ plans, onDone }: OrderFormProps) {
  const queryClient = useQueryClient()
  const [keys, setKeys] = useState(() => plans.map(({ key }) => key))
  const names = new Map(plans.map((plan) => [plan.key, nameOf(plan)]))
  return (
    <Form
      onSubmit={async (_, { idempotencyKey }) => {
        await client.put('/api/v1/plan-order', { body: { keys }, idempotencyKey })
        await Promise.all(
          ['plans', 'audit'].map((key) => queryClient.invalidateQueries({ queryKey: [key] })),
        )
      }}
      onSuccess={onDone}
    >
      <ol className={styles.list}>
        {keys.map((key, at) => (
          <li key={key} className={styles.row}>
            <span className={styles.name}>{names.get(key)}</span>
            <IconButton
              icon="arrow-up"
              label={`Move ${names.get(key)} up`}
              disabledReason={at === 0 ? 'It is the first' : undefined}
              onClick={() => setKeys(moved(keys, at, at - 1))}
            />
            <IconButton
              icon="arrow-down"
              label={`Move ${names.get(key)} down`}
              disabledReason={at === keys.length - 1 ? 'It is the last' : undefined}
              onClick={() => setKeys(moved(keys, at, at + 1))}
            />
          </li>
        ))}
      </ol>
      <DialogActions>
        <DialogCancel />
        <SubmitButton>Save order</SubmitButton>
      </DialogActions>
    </Form>
  )
}

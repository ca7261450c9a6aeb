import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { Dialog } from '../../../ui/dialog.tsx'
import { EmptyState } from '../../../ui/empty-state.tsx'
import { formatDate, formatQuantity } from '../../../ui/format.ts'
import { Link } from '../../../ui/link.tsx'
import { addOnSteps } from '../../../ui/pricing/add-on-words.ts'
import { paths } from '../../paths.ts'
import { useRefusal } from '../../permissions.ts'
import { subscriptionAddOnsQuery } from '../../queries.ts'
import { ChangeAddOns } from './change-add-ons.tsx'
import { refusalToAddOns } from './present-change.ts'
import type { Subscription } from './present-subscription.ts'

interface HeldRow {
  readonly addOn: Subscription['addOns'][number]
  /** What a change that is scheduled makes of it. */
  readonly next: string | undefined
}

const COLUMNS: readonly Column<HeldRow>[] = [
  {
    key: 'name',
    header: 'Add-on',
    cell: ({ addOn: { key, name, version } }) => (
      <Link to={paths.plan} params={{ planKey: key }} search={{ version: String(version) }}>
        {name}, version {version}
      </Link>
    ),
  },
  {
    key: 'quantity',
    header: 'How many',
    width: '6rem',
    align: 'end',
    cell: ({ addOn: { quantity } }) => formatQuantity(String(quantity)),
  },
  { key: 'next', header: 'Then', width: '12rem', cell: ({ next }) => next ?? '–' },
]

interface AddOnsProps {
  readonly subscription: Subscription
  readonly customerName: string
}

/** What the subscription has on top of its plan; nothing is shown where the plan has no add-ons. */
export function AddOns({ subscription, customerName }: AddOnsProps) {
  const refusal = useRefusal('subscriptions.write')
  const [isOpen, setOpen] = useState(false)
  const { data: offered } = useQuery(subscriptionAddOnsQuery(subscription.id))
  const { addOns } = subscription
  if (addOns.length === 0 && (offered?.data.length ?? 0) === 0) return null
  return (
    <Card
      isFlush
      title="Add-ons"
      actions={
        <Button
          size="sm"
          disabledReason={refusal ?? refusalToAddOns(subscription)}
          onClick={() => setOpen(true)}
        >
          Change add-ons
        </Button>
      }
    >
      <DataTable
        label="Add-ons"
        columns={COLUMNS}
        rows={addOns.map((addOn) => ({ addOn, next: nextOf(subscription, addOn.key) }))}
        rowKey={({ addOn }) => addOn.key}
        empty={
          <EmptyState
            icon="plus"
            title="None so far"
            description="What goes with this plan can be added at any time, with a preview first."
          />
        }
      />
      <Dialog
        size="lg"
        title={`Change the add-ons of ${customerName}`}
        description="What is previewed is what is done, to the cent, or nothing."
        isOpen={isOpen}
        onOpenChange={setOpen}
      >
        {offered !== undefined && (
          <ChangeAddOns
            subscription={subscription}
            offered={offered.data}
            onDone={() => setOpen(false)}
          />
        )}
      </Dialog>
    </Card>
  )
}

function nextOf({ addOns, change }: Subscription, key: string): string | undefined {
  if (change?.state !== 'scheduled') return undefined
  const step = addOnSteps(addOns, change.addOns).find((each) => each.key === key)
  if (step === undefined) return undefined
  const on = formatDate(change.effectiveAt)
  return step.quantityAfter === 0 ? `ends on ${on}` : `${step.quantityAfter} from ${on} on`
}

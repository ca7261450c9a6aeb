import { useSuspenseQuery } from '@tanstack/react-query'
import { Badge } from '../../../ui/badge.tsx'
import { Button } from '../../../ui/button.tsx'
import { Card } from '../../../ui/card.tsx'
import { type Column, DataTable } from '../../../ui/data-table.tsx'
import { ButtonLink } from '../../../ui/link.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { paths } from '../../paths.ts'
import { addOnsQuery } from '../../queries.ts'
import styles from './add-ons.module.css'
import { type AddOn, addOnTerms, heldWords, whyNotAddOns } from './present-add-on.ts'
import { isRunning, type Subscription } from './present-subscription.ts'
import { useWhyNotPayer } from './why-not-payer.ts'

interface AddOnProps {
  readonly addOn: AddOn
  readonly subscription: Subscription
}

const COLUMNS: readonly Column<AddOnProps>[] = [
  { key: 'name', header: 'Add-on', cell: (row) => <AddOnFacts {...row} /> },
  {
    key: 'acts',
    // On a phone two buttons have no room beside what is said: with a header they get a line of their own.
    header: 'What you can do',
    width: '15rem',
    align: 'end',
    cell: (row) => <AddOnActs {...row} />,
  },
]

/** What can be had on top of the plan, and what of it there is; nothing where the plan has no add-ons. */
export function AddOns({ subscription }: { readonly subscription: Subscription }) {
  const { data } = useSuspenseQuery(addOnsQuery)
  if (data.data.length === 0 || !isRunning(subscription)) return null
  return (
    <Card
      isFlush
      title="Add-ons"
      description="On top of your plan and billed with it, from the moment you add them."
    >
      <DataTable
        label="Add-ons"
        columns={COLUMNS}
        rows={data.data.map((addOn) => ({ addOn, subscription }))}
        rowKey={({ addOn }) => addOn.key}
        empty={null}
      />
    </Card>
  )
}

function AddOnFacts({ addOn, subscription }: AddOnProps) {
  const held = heldWords(addOn, subscription)
  const { name, description } = addOn.definition
  return (
    <div className={styles.facts}>
      <span className={styles.name}>
        {name}
        {held !== null && <Badge tone={addOn.quantity > 0 ? 'success' : 'info'}>{held}</Badge>}
      </span>
      {description && <span className={styles.terms}>{description}</span>}
      <span className={styles.terms}>{addOnTerms(addOn, subscription.currency).join('; ')}</span>
    </div>
  )
}

function AddOnActs({ addOn, subscription }: AddOnProps) {
  const whyNotPayer = useWhyNotPayer()
  const whyNot = whyNotPayer ?? whyNotAddOns(subscription, false)
  const whyNotLess = whyNotPayer ?? whyNotAddOns(subscription, true)
  const { key, quantity, isOnSale, definition } = addOn
  const maximum = definition.addOn?.maximumQuantity ?? Number.POSITIVE_INFINITY
  const mayHaveMore = isOnSale && quantity < maximum
  const { name } = definition
  return (
    <Stack direction="row" gap={2} justify="end" canWrap>
      {quantity > 0 && (
        <Act addOnKey={key} quantity={0} whyNot={whyNotLess} label={`Remove ${name}`}>
          Remove
        </Act>
      )}
      {quantity > 0 && maximum > 1 && (
        <Act
          addOnKey={key}
          quantity={mayHaveMore ? quantity + 1 : quantity}
          whyNot={whyNot}
          label={`Change ${name}`}
        >
          Change
        </Act>
      )}
      {quantity === 0 && (
        <Act addOnKey={key} quantity={1} whyNot={whyNot} label={`Add ${name}`}>
          Add
        </Act>
      )}
    </Stack>
  )
}

interface ActProps {
  readonly addOnKey: string
  readonly quantity: number
  readonly whyNot: string | undefined
  /** Read out where there is one such button for each add-on. */
  readonly label: string
  readonly children: string
}

function Act({ addOnKey, quantity, whyNot, label, children }: ActProps) {
  if (whyNot !== undefined) {
    return (
      <Button size="sm" disabledReason={whyNot} aria-label={label}>
        {children}
      </Button>
    )
  }
  return (
    <ButtonLink
      size="sm"
      to={paths.addOn}
      params={{ addOnKey }}
      search={{ quantity: String(quantity) }}
      aria-label={label}
    >
      {children}
    </ButtonLink>
  )
}

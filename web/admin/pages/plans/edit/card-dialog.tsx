import { useSuspenseQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Dialog, DialogActions, DialogCancel } from '../../../../ui/dialog.tsx'
import { Disclosure } from '../../../../ui/disclosure.tsx'
import { Field } from '../../../../ui/field.tsx'
import { Form, SubmitButton } from '../../../../ui/form.tsx'
import { Grid } from '../../../../ui/grid.tsx'
import type { PlanDefinition, RateCard } from '../../../../ui/pricing/price-words.ts'
import { Select } from '../../../../ui/select.tsx'
import { Stack } from '../../../../ui/stack.tsx'
import { EditChoice, EditText } from '../../../edit-fields.tsx'
import { featuresQuery } from '../../../queries.ts'
import { CardTerms } from './card-terms.tsx'
import { CreditFields } from './credit-fields.tsx'
import { blankPrices, cadencesWith, PRICE_TYPES, priceTypeOf } from './draft.ts'
import { EntitlementFields } from './entitlement-fields.tsx'
import { PriceFields } from './price-fields.tsx'

interface CardDialogProps {
  readonly card: RateCard
  readonly isNew: boolean
  readonly definition: PlanDefinition
  readonly onDone: (card: RateCard) => void
  readonly onClose: () => void
}

/** No cadence and no feature have these names. */
const ONCE = 'once'
const NO_FEATURE = 'no feature'

/** One thing a plan grants or charges for. It changes the draft on the page, which is saved as a whole. */
export function CardDialog({ card: saved, isNew, definition, onDone, onClose }: CardDialogProps) {
  const [card, setCard] = useState(saved)
  const change = (patch: Partial<RateCard>) => setCard({ ...card, ...patch })
  const { currencies } = definition
  return (
    <Dialog
      isOpen
      size="lg"
      title={isNew ? 'New rate card' : `Rate card ${saved.name}`}
      description="What customers get of a feature, and what it costs."
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose()
      }}
    >
      <Form
        onSubmit={() => {
          onDone(card)
          return Promise.resolve()
        }}
      >
        <Identity card={card} change={change} />
        <EntitlementFields
          entitlement={card.entitlement}
          cadence={definition.billingCadence}
          change={(entitlement) => change({ entitlement })}
        />
        <Grid gap={4} minWidth="13rem">
          <Field label="They pay">
            <Select
              options={PRICE_TYPES}
              value={priceTypeOf(card)}
              onChange={(type) => change({ prices: blankPrices(type, currencies) })}
            />
          </Field>
          <EditChoice
            name="billingCadence"
            label="Charged"
            options={[
              ...cadencesWith(card.billingCadence ?? definition.billingCadence),
              { value: ONCE, label: 'once' },
            ]}
            value={card.billingCadence ?? ONCE}
            onChange={(next) => change({ billingCadence: next === ONCE ? null : next })}
          />
        </Grid>
        {Object.entries(card.prices ?? {}).map(([currency, price]) => (
          <PriceFields
            key={currency}
            price={price}
            currency={currency}
            change={(next) => change({ prices: { ...card.prices, [currency]: next } })}
          />
        ))}
        <Disclosure label="Credits">
          <CreditFields card={card} cadence={definition.billingCadence} change={change} />
        </Disclosure>
        <Disclosure label="Discounts, commitments, units, Stripe prices">
          <CardTerms card={card} currencies={currencies} change={change} />
        </Disclosure>
        <DialogActions>
          <DialogCancel />
          <SubmitButton>{isNew ? 'Add rate card' : 'Change rate card'}</SubmitButton>
        </DialogActions>
      </Form>
    </Dialog>
  )
}

interface IdentityProps {
  readonly card: RateCard
  readonly change: (patch: Partial<RateCard>) => void
}

function Identity({ card, change }: IdentityProps) {
  const { data: features } = useSuspenseQuery(featuresQuery)
  return (
    <Stack gap={4}>
      <EditChoice
        name="featureKey"
        label="Feature"
        options={[
          { value: NO_FEATURE, label: 'None', description: 'A fee by itself' },
          ...features.data.map(({ key, name }) => ({ value: key, label: name, description: key })),
        ]}
        value={card.featureKey ?? NO_FEATURE}
        onChange={(next) => {
          const feature = features.data.find(({ key }) => key === next)
          change({
            featureKey: feature?.key ?? null,
            // Most cards are called after their feature.
            ...(feature !== undefined && card.key === '' && { key: feature.key }),
            ...(feature !== undefined && card.name === '' && { name: feature.name }),
          })
        }}
      />
      <Grid gap={4} minWidth="13rem">
        <EditText
          required
          maxLength={200}
          name="name"
          label="Name"
          hint="As it stands on invoices."
          value={card.name}
          onChange={(name) => change({ name })}
        />
        <EditText
          required
          isMono
          maxLength={64}
          pattern="[a-z0-9_]+"
          name="key"
          label="Key"
          hint="Lower-case letters, digits and _."
          value={card.key}
          onChange={(key) => change({ key })}
        />
      </Grid>
    </Stack>
  )
}

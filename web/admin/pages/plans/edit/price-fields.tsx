import { Grid } from '../../../../ui/grid.tsx'
import type { Price } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { EditChoice, EditDecimal, EditOptionalText, EditText } from '../../../edit-fields.tsx'
import { ListEditor } from '../../../list-editor.tsx'
import { blankTier } from './draft.ts'

interface PriceFieldsProps<P extends Price = Price> {
  readonly price: P
  readonly currency: string
  readonly change: (price: P) => void
}

const TERMS = [
  { value: 'in_advance', label: 'At the start of the period' },
  { value: 'in_arrears', label: 'At its end' },
] as const

const TIER_MODES = [
  { value: 'graduated', label: 'Graduated', description: 'Each unit at the price of its tier' },
  { value: 'volume', label: 'Volume', description: 'All units at the tier reached' },
] as const

const ROUNDINGS = [
  { value: 'up', label: 'Begun ones count whole' },
  { value: 'down', label: 'Only complete ones count' },
  { value: 'exact', label: 'Parts count as parts' },
] as const

/** What a price of each kind needs to be told. */
export function PriceFields({ price, currency, change }: PriceFieldsProps) {
  const name = `prices.${currency}`
  const money = currency.toUpperCase()
  switch (price.type) {
    case 'flat':
      return (
        <Grid gap={4} minWidth="13rem">
          <EditDecimal
            name={`${name}.amount`}
            label="Amount"
            suffix={money}
            value={price.amount}
            onChange={(amount) => change({ ...price, amount })}
          />
          <EditChoice
            name={`${name}.paymentTerm`}
            label="Charged"
            options={TERMS}
            value={price.paymentTerm}
            onChange={(paymentTerm) => change({ ...price, paymentTerm })}
          />
        </Grid>
      )
    case 'unit':
      return (
        <EditDecimal
          name={`${name}.amount`}
          label="Amount per unit"
          suffix={money}
          value={price.amount}
          onChange={(amount) => change({ ...price, amount })}
        />
      )
    case 'tiered':
      return <TieredFields price={price} currency={currency} change={change} />
    case 'package':
      return (
        <Grid gap={4} minWidth="9rem">
          <EditDecimal
            name={`${name}.amount`}
            label="Amount per package"
            suffix={money}
            value={price.amount}
            onChange={(amount) => change({ ...price, amount })}
          />
          <EditDecimal
            name={`${name}.quantityPerPackage`}
            label="Units in it"
            value={price.quantityPerPackage}
            onChange={(quantityPerPackage) => change({ ...price, quantityPerPackage })}
          />
          <EditChoice
            name={`${name}.rounding`}
            label="Packages"
            options={ROUNDINGS}
            value={price.rounding}
            onChange={(rounding) => change({ ...price, rounding })}
          />
        </Grid>
      )
    case 'percentage':
      return <PercentageFields price={price} currency={currency} change={change} />
    case 'dynamic':
      return (
        <EditDecimal
          name={`${name}.multiplier`}
          label="Times"
          hint="What the price in each event is multiplied by."
          value={price.multiplier}
          onChange={(multiplier) => change({ ...price, multiplier })}
        />
      )
    case 'matrix':
      return <MatrixFields price={price} currency={currency} change={change} />
  }
}

type Tiered = Extract<Price, { type: 'tiered' }>
type Percentage = Extract<Price, { type: 'percentage' }>
type Matrix = Extract<Price, { type: 'matrix' }>

function TieredFields({ price, currency, change }: PriceFieldsProps<Tiered>) {
  const name = `prices.${currency}`
  const money = currency.toUpperCase()
  return (
    <Stack gap={4}>
      <EditChoice
        name={`${name}.mode`}
        label="Tiers are"
        options={TIER_MODES}
        value={price.mode}
        onChange={(mode) => change({ ...price, mode })}
      />
      <ListEditor
        label="Tiers"
        items={price.tiers}
        onChange={(tiers) => change({ ...price, tiers: [...tiers] })}
        makeItem={blankTier}
        addLabel="Add tier"
        noun="tier"
        empty="A price needs a tier."
      >
        {(tier, edit, index) => (
          <>
            <EditOptionalText
              isMono
              inputMode="decimal"
              name={`${name}.tiers[${index}].upToAmount`}
              label="Up to"
              placeholder="no end"
              value={tier.upToAmount}
              onChange={(upToAmount) => edit({ upToAmount })}
            />
            <EditOptionalText
              isMono
              inputMode="decimal"
              name={`${name}.tiers[${index}].unitPrice`}
              label="Each"
              suffix={money}
              placeholder="0"
              value={tier.unitPrice}
              onChange={(unitPrice) => edit({ unitPrice })}
            />
            <EditOptionalText
              isMono
              inputMode="decimal"
              name={`${name}.tiers[${index}].flatPrice`}
              label="For the tier"
              suffix={money}
              placeholder="0"
              value={tier.flatPrice}
              onChange={(flatPrice) => edit({ flatPrice })}
            />
          </>
        )}
      </ListEditor>
    </Stack>
  )
}

function PercentageFields({ price, currency, change }: PriceFieldsProps<Percentage>) {
  const name = `prices.${currency}`
  const money = currency.toUpperCase()
  return (
    <Grid gap={4} minWidth="13rem">
      <EditDecimal
        name={`${name}.rate`}
        label="Share of the amount"
        suffix="%"
        value={price.rate}
        onChange={(rate) => change({ ...price, rate })}
      />
      <EditOptionalText
        isMono
        inputMode="decimal"
        name={`${name}.fixedPerEvent`}
        label="Plus, for each event"
        suffix={money}
        value={price.fixedPerEvent}
        onChange={(fixedPerEvent) => change({ ...price, fixedPerEvent })}
      />
      <EditOptionalText
        isMono
        inputMode="decimal"
        name={`${name}.minimumPerEvent`}
        label="At least"
        suffix={money}
        value={price.minimumPerEvent}
        onChange={(minimumPerEvent) => change({ ...price, minimumPerEvent })}
      />
      <EditOptionalText
        isMono
        inputMode="decimal"
        name={`${name}.maximumPerEvent`}
        label="At most"
        suffix={money}
        value={price.maximumPerEvent}
        onChange={(maximumPerEvent) => change({ ...price, maximumPerEvent })}
      />
    </Grid>
  )
}

function MatrixFields({ price, currency, change }: PriceFieldsProps<Matrix>) {
  const name = `prices.${currency}`
  const money = currency.toUpperCase()
  return (
    <Stack gap={4}>
      <Grid gap={4} minWidth="13rem">
        <EditText
          required
          isMono
          name={`${name}.dimensions`}
          label="By"
          hint="One or two dimensions of the meter, separated by a comma."
          value={price.dimensions.join(',')}
          onChange={(text) => change({ ...price, dimensions: parts(text) })}
        />
        <EditDecimal
          name={`${name}.defaultAmount`}
          label="All others, each"
          suffix={money}
          value={price.defaultAmount}
          onChange={(defaultAmount) => change({ ...price, defaultAmount })}
        />
      </Grid>
      <ListEditor
        label="Prices"
        items={price.cells}
        onChange={(cells) => change({ ...price, cells: [...cells] })}
        makeItem={() => ({ values: [''], amount: '' })}
        addLabel="Add price"
        noun="price"
        empty="All at the price of the others."
      >
        {(cell, edit, index) => (
          <>
            <EditText
              required
              isMono
              name={`${name}.cells[${index}].values`}
              label={price.dimensions.join(', ') || 'Value'}
              hint="In the order of the dimensions."
              value={cell.values.join(',')}
              onChange={(text) => edit({ values: parts(text) })}
            />
            <EditDecimal
              name={`${name}.cells[${index}].amount`}
              label="Each"
              suffix={money}
              value={cell.amount}
              onChange={(amount) => edit({ amount })}
            />
          </>
        )}
      </ListEditor>
    </Stack>
  )
}

/** Blanks around a comma go; the comma that is being typed stays. */
function parts(text: string): string[] {
  return text.split(',').map((part) => part.trim())
}

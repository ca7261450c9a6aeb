import { Grid } from '../../../../ui/grid.tsx'
import type { RateCard } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { Switch } from '../../../../ui/switch.tsx'
import { EditChoice, EditDecimal, EditOptionalText, EditText } from '../../../edit-fields.tsx'
import { ListEditor } from '../../../list-editor.tsx'

interface CardTermsProps {
  readonly card: RateCard
  readonly currencies: readonly string[]
  readonly change: (patch: Partial<RateCard>) => void
}

const OPERATIONS = [
  { value: 'divide', label: 'Divide by' },
  { value: 'multiply', label: 'Multiply by' },
] as const

const ROUNDINGS = [
  { value: 'none', label: 'Exactly' },
  { value: 'up', label: 'Up to a whole number' },
  { value: 'down', label: 'Down to a whole number' },
] as const

/** What few rate cards need: discounts, bounds, units of another size, prices that exist in Stripe already. */
export function CardTerms({ card, currencies, change }: CardTermsProps) {
  return (
    <Stack gap={5}>
      <Discounts card={card} currencies={currencies} change={change} />
      <Commitments card={card} currencies={currencies} change={change} />
      <Conversion card={card} currencies={currencies} change={change} />
      <ProviderPrice card={card} currencies={currencies} change={change} />
    </Stack>
  )
}

function Discounts({ card, currencies, change }: CardTermsProps) {
  return (
    <ListEditor
      label="Discounts"
      items={card.discounts}
      onChange={(discounts) => change({ discounts: [...discounts] })}
      makeItem={() => ({ type: 'percentage' as const, percent: '' })}
      addLabel="Add discount"
      noun="discount"
      empty="No discount."
    >
      {(discount, edit, index) =>
        discount.type === 'percentage' ? (
          <EditDecimal
            name={`discounts[${index}].percent`}
            label="Discount"
            suffix="%"
            value={discount.percent}
            onChange={(percent) => edit({ type: 'percentage', percent })}
          />
        ) : (
          currencies.map((currency) => (
            <EditDecimal
              key={currency}
              name={`discounts[${index}].amounts.${currency}`}
              label="Discount"
              suffix={currency.toUpperCase()}
              value={discount.amounts[currency] ?? ''}
              onChange={(amount) =>
                edit({ type: 'amount', amounts: { ...discount.amounts, [currency]: amount } })
              }
            />
          ))
        )
      }
    </ListEditor>
  )
}

function Commitments({ card, currencies, change }: CardTermsProps) {
  const { commitments } = card
  return (
    <Stack gap={3}>
      <Switch
        label="At least or at most so much for each period"
        isOn={commitments !== null}
        onChange={(isOn) =>
          change({
            commitments: isOn
              ? Object.fromEntries(
                  currencies.map((currency) => [currency, { minimum: null, maximum: null }]),
                )
              : null,
          })
        }
      />
      {commitments !== null &&
        currencies.map((currency) => {
          const bounds = commitments[currency] ?? { minimum: null, maximum: null }
          const set = (patch: Partial<typeof bounds>) =>
            change({ commitments: { ...commitments, [currency]: { ...bounds, ...patch } } })
          return (
            <Grid key={currency} gap={4} minWidth="13rem">
              <EditOptionalText
                isMono
                inputMode="decimal"
                name={`commitments.${currency}.minimum`}
                label="At least"
                suffix={currency.toUpperCase()}
                value={bounds.minimum}
                onChange={(minimum) => set({ minimum })}
              />
              <EditOptionalText
                isMono
                inputMode="decimal"
                name={`commitments.${currency}.maximum`}
                label="At most"
                suffix={currency.toUpperCase()}
                value={bounds.maximum}
                onChange={(maximum) => set({ maximum })}
              />
            </Grid>
          )
        })}
    </Stack>
  )
}

function Conversion({ card, change }: CardTermsProps) {
  const { conversion } = card
  return (
    <Stack gap={3}>
      <Switch
        label="Price units of another size than the meter counts"
        description="Such as gigabytes where bytes are counted."
        isOn={conversion !== null}
        onChange={(isOn) =>
          change({
            conversion: isOn ? { operation: 'divide', factor: '1000', rounding: 'none' } : null,
          })
        }
      />
      {conversion !== null && (
        <Grid gap={4} minWidth="9rem">
          <EditChoice
            name="conversion.operation"
            label="Counted units"
            options={OPERATIONS}
            value={conversion.operation}
            onChange={(operation) => change({ conversion: { ...conversion, operation } })}
          />
          <EditDecimal
            name="conversion.factor"
            label="Factor"
            value={conversion.factor}
            onChange={(factor) => change({ conversion: { ...conversion, factor } })}
          />
          <EditChoice
            name="conversion.rounding"
            label="Rounded"
            options={ROUNDINGS}
            value={conversion.rounding}
            onChange={(rounding) => change({ conversion: { ...conversion, rounding } })}
          />
        </Grid>
      )}
    </Stack>
  )
}

function ProviderPrice({ card, currencies, change }: CardTermsProps) {
  const { providerPrice } = card
  return (
    <Stack gap={3}>
      <Switch
        label="Use prices that exist in Stripe already"
        description="Otherwise publishing makes and archives them."
        isOn={providerPrice.kind === 'linked'}
        onChange={(isOn) =>
          change({
            providerPrice: isOn ? { kind: 'linked', stripePriceIds: {} } : { kind: 'managed' },
          })
        }
      />
      {providerPrice.kind === 'linked' &&
        currencies.map((currency) => (
          <EditText
            key={currency}
            required
            isMono
            name={`providerPrice.stripePriceIds.${currency}`}
            label={`Stripe price in ${currency.toUpperCase()}`}
            placeholder="price_…"
            value={providerPrice.stripePriceIds[currency] ?? ''}
            onChange={(id) =>
              change({
                providerPrice: {
                  kind: 'linked',
                  stripePriceIds: { ...providerPrice.stripePriceIds, [currency]: id },
                },
              })
            }
          />
        ))}
    </Stack>
  )
}

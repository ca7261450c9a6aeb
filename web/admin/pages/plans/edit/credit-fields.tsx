import { Grid } from '../../../../ui/grid.tsx'
import { countedDuration } from '../../../../ui/pricing/duration-words.ts'
import type { RateCard } from '../../../../ui/pricing/price-words.ts'
import { Stack } from '../../../../ui/stack.tsx'
import { Switch } from '../../../../ui/switch.tsx'
import { EditChoice, EditDecimal, EditOptionalText, EditText } from '../../../edit-fields.tsx'
import { cadencesWith, type MeteredEntitlement } from './draft.ts'

interface CreditFieldsProps {
  readonly card: RateCard
  /** How often new credits are given: with the plan's periods. */
  readonly cadence: string
  readonly change: (patch: Partial<RateCard>) => void
}

/** Credits that come with the plan, and usage that is paid with them. */
export function CreditFields(props: CreditFieldsProps) {
  return (
    <Stack gap={5}>
      <CreditGrant {...props} />
      <CreditCost {...props} />
    </Stack>
  )
}

const UNTIL_THE_NEXT = 'next'

function CreditGrant({ card, cadence, change }: CreditFieldsProps) {
  const { creditGrant } = card
  const set = (patch: Partial<NonNullable<typeof creditGrant>>) =>
    creditGrant !== null && change({ creditGrant: { ...creditGrant, ...patch } })
  return (
    <Stack gap={3}>
      <Switch
        label="Credits come with it"
        description="Given anew in every period."
        isOn={creditGrant !== null}
        onChange={(isOn) =>
          change({
            creditGrant: isOn
              ? {
                  unit: 'custom:credits',
                  amount: '',
                  every: cadence,
                  validFor: null,
                  priority: 50,
                  appliesTo: null,
                }
              : null,
          })
        }
      />
      {creditGrant !== null && (
        <Grid gap={4} minWidth="13rem">
          <EditDecimal
            name="creditGrant.amount"
            label="How many"
            value={creditGrant.amount}
            onChange={(amount) => set({ amount })}
          />
          <EditText
            required
            isMono
            name="creditGrant.unit"
            label="Of"
            hint="money:usd, feature:requests or a name of yours: custom:credits."
            pattern="(money|feature|custom):[a-z0-9_]{1,64}"
            value={creditGrant.unit}
            onChange={(unit) => set({ unit })}
          />
          <EditChoice
            name="creditGrant.every"
            label="Given"
            options={cadencesWith(creditGrant.every)}
            value={creditGrant.every}
            onChange={(every) => set({ every })}
          />
          <EditChoice
            name="creditGrant.validFor"
            label="Valid for"
            options={[
              { value: UNTIL_THE_NEXT, label: 'until the next are given' },
              ...validities(creditGrant.validFor),
            ]}
            value={creditGrant.validFor ?? UNTIL_THE_NEXT}
            onChange={(next) => set({ validFor: next === UNTIL_THE_NEXT ? null : next })}
          />
        </Grid>
      )}
    </Stack>
  )
}

function CreditCost({ card, change }: CreditFieldsProps) {
  const { creditCost } = card
  return (
    <Stack gap={3}>
      <Switch
        label="Its usage is paid with credits"
        description="Each unit takes so many of the credits of that name."
        isOn={creditCost !== null}
        onChange={(isOn) =>
          change({ creditCost: isOn ? { creditKey: 'credits', perUnit: '1' } : null })
        }
      />
      {creditCost !== null && (
        <Grid gap={4} minWidth="13rem">
          <EditDecimal
            name="creditCost.perUnit"
            label="Credits per unit"
            value={creditCost.perUnit}
            onChange={(perUnit) => change({ creditCost: { ...creditCost, perUnit } })}
          />
          <EditText
            required
            isMono
            pattern="[a-z0-9_]+"
            name="creditCost.creditKey"
            label="Their name"
            hint="credits stands for custom:credits."
            value={creditCost.creditKey}
            onChange={(creditKey) => change({ creditCost: { ...creditCost, creditKey } })}
          />
        </Grid>
      )}
    </Stack>
  )
}

interface RolloverFieldsProps {
  readonly entitlement: MeteredEntitlement
  readonly change: (entitlement: MeteredEntitlement) => void
}

/** What becomes of a quota that was not used up. */
export function RolloverFields({ entitlement, change }: RolloverFieldsProps) {
  const { rollover, usagePeriod } = entitlement
  return (
    <Stack gap={3}>
      <Switch
        label="What is left over can be used later"
        description="It becomes credits of the feature when the period ends."
        isOn={rollover !== null}
        onChange={(isOn) =>
          change({
            ...entitlement,
            rollover: isOn ? { maximum: null, validFor: usagePeriod, priority: 50 } : null,
          })
        }
      />
      {rollover !== null && (
        <Grid gap={4} minWidth="13rem">
          <EditOptionalText
            isMono
            inputMode="decimal"
            name="entitlement.rollover.maximum"
            label="At most"
            placeholder="all of it"
            value={rollover.maximum}
            onChange={(maximum) => change({ ...entitlement, rollover: { ...rollover, maximum } })}
          />
          <EditChoice
            name="entitlement.rollover.validFor"
            label="For another"
            options={validities(rollover.validFor)}
            value={rollover.validFor}
            onChange={(validFor) => change({ ...entitlement, rollover: { ...rollover, validFor } })}
          />
        </Grid>
      )}
    </Stack>
  )
}

/** Lengths of time, as a cadence without its "per". */
function validities(current: string | null) {
  const options = current === null ? cadencesWith('P1M') : cadencesWith(current)
  return options.map(({ value }) => ({ value, label: countedDuration(value) }))
}

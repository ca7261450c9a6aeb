import { Stack } from '../../../ui/stack.tsx'
import {
  EditChoice,
  EditDecimal,
  EditOptionalText,
  EditText,
  EditWhole,
} from '../../edit-fields.tsx'
import { ListEditor } from '../../list-editor.tsx'
import type { PlanVersion } from '../plans/present-plan.ts'
import { type Choice, choicesOf, type OverrideRows } from './present-overrides.ts'

interface AgreedFieldsProps {
  readonly version: PlanVersion
  readonly currency: string
  readonly features: readonly { readonly key: string; readonly name: string }[]
  readonly rows: OverrideRows
  readonly onChange: (patch: Partial<OverrideRows>) => void
}

const PRICE_KINDS = [
  { value: 'amount', label: 'Another amount' },
  { value: 'percentage', label: 'Percent off' },
] as const

const RIGHTS = [
  { value: 'granted', label: 'Granted' },
  { value: 'withheld', label: 'Withheld' },
  { value: 'value', label: 'With this value' },
] as const

/** Everything of a plan that can be agreed otherwise with one customer. */
export function AgreedFields({ version, currency, features, rows, onChange }: AgreedFieldsProps) {
  const choices = choicesOf(version, currency)
  const rights = features
    .filter(({ key }) => !choices.metered.has(key))
    .map(({ key, name }) => ({ value: key, label: name }))
  return (
    <Stack gap={4}>
      <ListEditor
        label="Prices"
        items={rows.prices}
        onChange={(prices) => onChange({ prices })}
        makeItem={() => ({
          rateCardKey: left(
            choices.prices,
            rows.prices.map((row) => row.rateCardKey),
          ),
          kind: 'amount' as const,
          value: '',
        })}
        addLabel="Add price"
        noun="price"
        isFull={rows.prices.length >= choices.prices.length}
        empty="All prices are the plan’s."
      >
        {({ rateCardKey, kind, value }, change) => (
          <>
            <EditChoice
              name="priceOf"
              label="Price"
              options={choices.prices}
              value={rateCardKey}
              onChange={(next) => change({ rateCardKey: next })}
            />
            <EditChoice
              name="priceKind"
              label="Agreed is"
              options={PRICE_KINDS}
              value={kind}
              onChange={(next) => change({ kind: next })}
            />
            <EditDecimal
              name={`overrides.prices.${rateCardKey}`}
              label={kind === 'amount' ? `Amount (${currency.toUpperCase()})` : 'Percent'}
              hint={kind === 'amount' ? 'Such as 19.00' : 'Such as 20'}
              value={value}
              onChange={(next) => change({ value: next })}
            />
          </>
        )}
      </ListEditor>
      <ListEditor
        label="Quotas"
        items={rows.quotas}
        onChange={(quotas) => onChange({ quotas })}
        makeItem={() => ({
          featureKey: left(
            choices.quotas,
            rows.quotas.map((row) => row.featureKey),
          ),
          units: null,
        })}
        addLabel="Add quota"
        noun="quota"
        isFull={rows.quotas.length >= choices.quotas.length}
        empty="All quotas are the plan’s."
      >
        {({ featureKey, units }, change) => (
          <>
            <EditChoice
              name="quotaOf"
              label="Quota"
              options={choices.quotas}
              value={featureKey}
              onChange={(next) => change({ featureKey: next })}
            />
            <EditOptionalText
              name={`overrides.quotas.${featureKey}`}
              label="Units per usage period"
              hint="Leave it empty for no limit."
              inputMode="decimal"
              value={units}
              onChange={(next) => change({ units: next })}
            />
          </>
        )}
      </ListEditor>
      {choices.rateLimits.length > 0 && (
        <ListEditor
          label="Rate limits"
          items={rows.rateLimits}
          onChange={(rateLimits) => onChange({ rateLimits })}
          makeItem={() => ({
            name: left(
              choices.rateLimits,
              rows.rateLimits.map((row) => row.name),
            ),
            limit: Number.NaN,
          })}
          addLabel="Add rate limit"
          noun="rate limit"
          isFull={rows.rateLimits.length >= choices.rateLimits.length}
          empty="All rate limits are the plan’s."
        >
          {({ name, limit }, change) => (
            <>
              <EditChoice
                name="rateLimitOf"
                label="Rate limit"
                options={choices.rateLimits}
                value={name}
                onChange={(next) => change({ name: next })}
              />
              <EditWhole
                name={`overrides.rateLimits.${name}`}
                label="Calls in its window"
                min={1}
                value={limit}
                onChange={(next) => change({ limit: next })}
              />
            </>
          )}
        </ListEditor>
      )}
      {rights.length > 0 && (
        <ListEditor
          label="Features"
          items={rows.features}
          onChange={(next) => onChange({ features: next })}
          makeItem={() => ({
            featureKey: left(
              rights,
              rows.features.map((row) => row.featureKey),
            ),
            right: 'granted' as const,
            value: '',
          })}
          addLabel="Add feature"
          noun="feature"
          isFull={rows.features.length >= rights.length}
          empty="All features are the plan’s."
        >
          {({ featureKey, right, value }, change) => (
            <>
              <EditChoice
                name="featureOf"
                label="Feature"
                options={rights}
                value={featureKey}
                onChange={(next) => change({ featureKey: next })}
              />
              <EditChoice
                name={`overrides.features.${featureKey}`}
                label="Right"
                options={RIGHTS}
                value={right}
                onChange={(next) => change({ right: next })}
              />
              {right === 'value' && (
                <EditText
                  required
                  name="featureValue"
                  label="Value"
                  value={value}
                  onChange={(next) => change({ value: next })}
                />
              )}
            </>
          )}
        </ListEditor>
      )}
    </Stack>
  )
}

/** The first choice that is not taken yet. */
function left(choices: readonly Choice[], taken: readonly string[]): string {
  return choices.find(({ value }) => !taken.includes(value))?.value ?? ''
}

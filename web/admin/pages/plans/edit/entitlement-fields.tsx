import { Field } from '../../../../ui/field.tsx'
import { Grid } from '../../../../ui/grid.tsx'
import { Select } from '../../../../ui/select.tsx'
import { Stack } from '../../../../ui/stack.tsx'
import { Switch } from '../../../../ui/switch.tsx'
import {
  EditChoice,
  EditDecimal,
  EditOptionalText,
  EditText,
  EditWhole,
} from '../../../edit-fields.tsx'
import { RolloverFields } from './credit-fields.tsx'
import {
  blankEntitlement,
  cadencesWith,
  type Entitlement,
  ENTITLEMENT_TYPES,
  type MeteredEntitlement,
  withOnLimit,
} from './draft.ts'

interface EntitlementFieldsProps {
  readonly entitlement: Entitlement | null
  /** What a new quota is renewed by: the plan's cadence. */
  readonly cadence: string
  readonly change: (entitlement: Entitlement | null) => void
}

/** What a rate card grants. */
export function EntitlementFields({ entitlement, cadence, change }: EntitlementFieldsProps) {
  return (
    <Stack gap={4}>
      <Field label="Customers get">
        <Select
          options={ENTITLEMENT_TYPES}
          value={entitlement?.type ?? 'none'}
          onChange={(type) => change(blankEntitlement(type, cadence))}
        />
      </Field>
      {entitlement?.type === 'static' && (
        <EditText
          required
          name="entitlement.value"
          label="Value"
          value={entitlement.value}
          onChange={(value) => change({ ...entitlement, value })}
        />
      )}
      {entitlement?.type === 'metered' && <QuotaFields entitlement={entitlement} change={change} />}
    </Stack>
  )
}

const ON_LIMIT = [
  { value: 'block', label: 'Refuse more' },
  { value: 'bill_overage', label: 'Bill more at the price' },
  { value: 'warn', label: 'Report it, bill nothing' },
  { value: 'throttle', label: 'Slow down' },
] as const

const ALIGNMENTS = [
  { value: 'anniversary', label: 'From the day of subscribing' },
  { value: 'calendar', label: 'On the calendar' },
] as const

interface QuotaFieldsProps {
  readonly entitlement: MeteredEntitlement
  readonly change: (entitlement: MeteredEntitlement) => void
}

function QuotaFields({ entitlement, change }: QuotaFieldsProps) {
  const { throttle } = entitlement
  return (
    <>
      <Grid gap={4} minWidth="9rem">
        <EditOptionalText
          isMono
          inputMode="decimal"
          name="entitlement.issueAfterReset"
          label="Units"
          placeholder="unlimited"
          hint="Empty is unlimited."
          value={entitlement.issueAfterReset}
          onChange={(issueAfterReset) => change({ ...entitlement, issueAfterReset })}
        />
        <EditChoice
          name="entitlement.usagePeriod"
          label="Afresh"
          options={cadencesWith(entitlement.usagePeriod)}
          value={entitlement.usagePeriod}
          onChange={(usagePeriod) => change({ ...entitlement, usagePeriod })}
        />
        <EditChoice
          name="entitlement.alignment"
          label="Counted"
          options={ALIGNMENTS}
          value={entitlement.alignment}
          onChange={(alignment) => change({ ...entitlement, alignment })}
        />
      </Grid>
      <Grid gap={4} minWidth="13rem">
        <EditChoice
          name="entitlement.onLimit"
          label="At the limit"
          options={ON_LIMIT}
          value={entitlement.onLimit}
          onChange={(onLimit) => change(withOnLimit(entitlement, onLimit))}
        />
        {entitlement.onLimit === 'block' && (
          <EditDecimal
            name="entitlement.graceRatio"
            label="Grace"
            hint="0.1 lets 10 % more through before refusing."
            value={entitlement.graceRatio}
            onChange={(graceRatio) => change({ ...entitlement, graceRatio })}
          />
        )}
      </Grid>
      {throttle !== null && (
        <Grid gap={4} minWidth="13rem">
          <EditWhole
            name="entitlement.throttle.limit"
            label="To units"
            min={1}
            value={throttle.limit}
            onChange={(limit) => change({ ...entitlement, throttle: { ...throttle, limit } })}
          />
          <EditWhole
            name="entitlement.throttle.windowSeconds"
            label="In"
            suffix="s"
            min={1}
            value={throttle.windowSeconds}
            onChange={(windowSeconds) =>
              change({ ...entitlement, throttle: { ...throttle, windowSeconds } })
            }
          />
        </Grid>
      )}
      <Switch
        label="What was used beyond the limit counts in the next period"
        isOn={entitlement.preserveOverageAtReset}
        onChange={(preserveOverageAtReset) => change({ ...entitlement, preserveOverageAtReset })}
      />
      {entitlement.issueAfterReset !== null && (
        <RolloverFields entitlement={entitlement} change={change} />
      )}
    </>
  )
}

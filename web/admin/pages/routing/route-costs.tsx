import { useSuspenseQuery } from '@tanstack/react-query'
import { Card } from '../../../ui/card.tsx'
import { Grid } from '../../../ui/grid.tsx'
import { Stack } from '../../../ui/stack.tsx'
import { Switch } from '../../../ui/switch.tsx'
import { EditChoice, EditDecimal, EditOptionalText, EditText } from '../../edit-fields.tsx'
import { ListEditor } from '../../list-editor.tsx'
import { featuresQuery, metersQuery } from '../../queries.ts'
import { type CostRule, type RoutePolicy, SOURCE_OPTIONS, sourceOf } from './present-routing.ts'

interface PolicyProps {
  readonly policy: RoutePolicy
  readonly change: (patch: Partial<RoutePolicy>) => void
}

/** No feature has this key: keys have no blanks. */
const NO_FEATURE = 'no feature'

const DISCONNECTS = [
  { value: 'bill_observed', label: 'What was answered until then' },
  { value: 'bill_reserved', label: 'What was set aside for it' },
  { value: 'bill_none', label: 'Nothing' },
] as const

const FAILURES = [
  { value: 'allow_and_record', label: 'Let it through and count it later' },
  { value: 'deny', label: 'Refuse it' },
] as const

const IDEMPOTENCY = [
  { value: 'ignore', label: 'Pass it on' },
  { value: 'once', label: 'Bill once, repeat the answer for a day' },
] as const

/** What a request through the route needs and counts as. */
export function RouteCosts({ policy, change }: PolicyProps) {
  const { data: features } = useSuspenseQuery(featuresQuery)
  return (
    <>
      <Card title="What they need">
        <Stack gap={4}>
          <Switch
            label="Public"
            description="No key is needed and nothing is counted."
            isOn={policy.isPublic}
            onChange={(isPublic) => change({ isPublic })}
          />
          <Grid gap={4} columns="1fr 1fr">
            <EditChoice
              name="policy.featureKey"
              label="Feature"
              hint="Refused unless the plan grants it."
              options={[
                { value: NO_FEATURE, label: 'None' },
                ...features.data.map(({ key, name }) => ({ value: key, label: name })),
              ]}
              value={policy.featureKey ?? NO_FEATURE}
              onChange={(next) => change({ featureKey: next === NO_FEATURE ? null : next })}
            />
            <EditOptionalText
              isMono
              name="policy.scope"
              label="Scope of the key"
              placeholder="none"
              hint="Refused unless the key carries it. A key without scopes carries all."
              value={policy.scope}
              onChange={(scope) => change({ scope })}
            />
          </Grid>
        </Stack>
      </Card>
      <Card title="What they count as">
        <Stack gap={6}>
          <MeterAmounts policy={policy} change={change} />
          <Costs policy={policy} change={change} />
          <Grid gap={4} columns="1fr 1fr">
            <EditText
              required
              isMono
              name="policy.meterOnStatusCodes"
              label="Only answers with status"
              hint="Ranges and codes, such as 200-299,304."
              value={policy.meterOnStatusCodes}
              onChange={(meterOnStatusCodes) => change({ meterOnStatusCodes })}
            />
            <EditChoice
              name="policy.onDisconnect"
              label="When the client hangs up"
              options={DISCONNECTS}
              value={policy.onDisconnect}
              onChange={(onDisconnect) => change({ onDisconnect })}
            />
            <EditChoice
              name="policy.onMeterFailure"
              label="When usage cannot be recorded"
              options={FAILURES}
              value={policy.onMeterFailure}
              onChange={(onMeterFailure) => change({ onMeterFailure })}
            />
            <EditChoice
              name="policy.idempotency"
              label="A repeated Idempotency-Key"
              options={IDEMPOTENCY}
              value={policy.idempotency}
              onChange={(idempotency) => change({ idempotency })}
            />
          </Grid>
        </Stack>
      </Card>
    </>
  )
}

function useMeterOptions() {
  const { data: meters } = useSuspenseQuery(metersQuery)
  return meters.data.map(({ key, name }) => ({ value: key, label: name, description: key }))
}

function MeterAmounts({ policy, change }: PolicyProps) {
  const options = useMeterOptions()
  const rows = Object.entries(policy.meters).map(([meterKey, amount]) => ({ meterKey, amount }))
  const unused = options.find(({ value }) => policy.meters[value] === undefined)
  return (
    <ListEditor
      label="Counted for each request"
      items={rows}
      onChange={(next) =>
        change({ meters: Object.fromEntries(next.map((row) => [row.meterKey, row.amount])) })
      }
      makeItem={() => ({ meterKey: unused?.value ?? '', amount: '1' })}
      addLabel="Count each request"
      noun="meter"
      isFull={unused === undefined}
      empty="A request by itself counts as nothing."
    >
      {({ meterKey, amount }, edit) => (
        <>
          <EditChoice
            name={`policy.meters.${meterKey}`}
            label="Meter"
            options={options.filter(
              ({ value }) => value === meterKey || policy.meters[value] === undefined,
            )}
            value={meterKey}
            onChange={(next) => edit({ meterKey: next })}
          />
          <EditDecimal
            name={`policy.meters.${meterKey}.amount`}
            label="Units for each request"
            value={amount}
            onChange={(next) => edit({ amount: next })}
          />
        </>
      )}
    </ListEditor>
  )
}

function Costs({ policy, change }: PolicyProps) {
  const options = useMeterOptions()
  return (
    <ListEditor
      label="Counted by the answer"
      items={policy.costs}
      onChange={(costs) => change({ costs: [...costs] })}
      makeItem={(): CostRule => ({
        meterKey: options[0]?.value ?? '',
        source: { kind: 'response_bytes' },
        factor: '1',
        estimate: '0',
      })}
      addLabel="Count by the answer"
      noun="cost"
      empty="Nothing is counted by what the answer holds, such as tokens or bytes."
    >
      {({ meterKey, source, factor, estimate }, edit, index) => {
        const name = `policy.costs[${index}]`
        return (
          <>
            <EditChoice
              name={`${name}.meterKey`}
              label="Meter"
              options={options}
              value={meterKey}
              onChange={(next) => edit({ meterKey: next })}
            />
            <EditChoice
              name={`${name}.source.kind`}
              label="Counts"
              options={SOURCE_OPTIONS}
              value={source.kind}
              onChange={(kind) => edit({ source: sourceOf(kind) })}
            />
            {source.kind === 'response_header' && (
              <EditText
                required
                isMono
                name={`${name}.source.name`}
                label="Header"
                value={source.name}
                onChange={(next) => edit({ source: { ...source, name: next } })}
              />
            )}
            {(source.kind === 'json' || source.kind === 'sse_json') && (
              <EditText
                required
                isMono
                name={`${name}.source.property`}
                label="Property"
                placeholder="usage.total_tokens"
                value={source.property}
                onChange={(property) => edit({ source: { ...source, property } })}
              />
            )}
            <EditDecimal
              name={`${name}.factor`}
              label="Units each"
              value={factor}
              onChange={(next) => edit({ factor: next })}
            />
            <EditDecimal
              name={`${name}.estimate`}
              label="Set aside"
              hint="Until the cost is known."
              value={estimate}
              onChange={(next) => edit({ estimate: next })}
            />
          </>
        )
      }}
    </ListEditor>
  )
}

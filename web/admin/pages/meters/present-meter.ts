import type { ResponseOf } from '../../../../src/client/client.ts'

export type Meter = ResponseOf<'get', '/api/v1/meters'>['data'][number]
export type Feature = ResponseOf<'get', '/api/v1/features'>['data'][number]
export type Plan = ResponseOf<'get', '/api/v1/plans'>['data'][number]

type Aggregation = Meter['aggregation']

const AGGREGATIONS: Record<Aggregation, { readonly label: string; readonly description: string }> =
  {
    count: { label: 'Count', description: 'How many events there are' },
    sum: { label: 'Sum', description: 'The values of all events together' },
    max: { label: 'Maximum', description: 'The largest value' },
    unique: { label: 'Unique', description: 'How many different values there are' },
    latest: { label: 'Latest', description: 'The value of the newest event' },
    time_weighted_sum: {
      label: 'Time-weighted sum',
      description: 'A level averaged over the period, such as gigabytes kept',
    },
  }

export const AGGREGATION_OPTIONS = (Object.keys(AGGREGATIONS) as Aggregation[]).map((value) => ({
  value,
  ...AGGREGATIONS[value],
}))

/** `Count of request events`, `Sum of tokens in completion events`. */
export function measureWords({
  aggregation,
  valueProperty,
  eventType,
}: Pick<Meter, 'aggregation' | 'valueProperty' | 'eventType'>): string {
  const { label } = AGGREGATIONS[aggregation]
  return valueProperty === null
    ? `${label} of ${eventType} events`
    : `${label} of ${valueProperty} in ${eventType} events`
}

/** An event such a meter counts, as a program would send it. */
export function exampleEvent(meter: Meter): string {
  const properties: Record<string, unknown> = {}
  for (const [property, values] of Object.entries(meter.filters))
    properties[property] = values[0] ?? ''
  for (const property of Object.values(meter.groupBy)) properties[property] ??= 'a'
  if (meter.valueProperty !== null) {
    properties[meter.valueProperty] = meter.aggregation === 'unique' ? 'user_42' : 1
  }
  const event = {
    id: 'one-of-your-own-ids',
    type: meter.eventType,
    time: '2026-03-16T12:00:00Z',
    ...(Object.keys(properties).length > 0 && { properties }),
  }
  return JSON.stringify(event, null, 2)
}

export interface PlanUse {
  readonly planKey: string
  readonly planName: string
}

/** The plans that grant or charge a feature: in what is on sale, and in what is drafted. */
export function plansWith(featureKey: string, plans: readonly Plan[]): PlanUse[] {
  return plans.flatMap(({ key, active, draft }) => {
    const versions = [active, draft].filter((version) => version !== null)
    const isUsed = versions.some(({ definition }) =>
      definition.phases.some(({ rateCards }) =>
        rateCards.some((card) => card.featureKey === featureKey),
      ),
    )
    return isUsed ? [{ planKey: key, planName: versions[0]?.definition.name ?? key }] : []
  })
}

export function featuresOf(meterKey: string, features: readonly Feature[]): Feature[] {
  return features.filter((feature) => feature.meterKey === meterKey)
}

/** `name: property` per line, as the form asks for dimensions; undefined for a line that is neither. */
export function parsePairs(text: string): Record<string, string> | undefined {
  const pairs: Record<string, string> = {}
  for (const line of text.split('\n').map((each) => each.trim())) {
    if (line === '') continue
    const match = /^(?<name>[a-z0-9_]{1,64})(?:\s*[:=]\s*(?<property>\S.*))?$/.exec(line)
    if (match?.groups === undefined) return undefined
    const { name = '', property } = match.groups
    pairs[name] = property ?? name
  }
  return pairs
}

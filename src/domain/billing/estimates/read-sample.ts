import type { FieldError } from '../../../errors.ts'
import type { Currency } from '../../../kit/currency.ts'
import { decimal } from '../../../kit/decimal.ts'
import { formatInstant, type Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { Meter } from '../../catalog/meter.ts'
import type { RateCard } from '../../catalog/plan.ts'
import { measure } from '../../ingest/measure.ts'
import { priceOf } from '../rating/rate-card.ts'
import type { Term } from '../terms.ts'
import type { SampledEvent, SampledQuantity, UsageSample } from './sampled-usage.ts'

/** Usage as it is asked about: numbers of meters, or events as they would be sent. */
export interface SampleInput {
  readonly quantities: readonly {
    readonly meter: string
    readonly quantity: string
    readonly events?: number | undefined
    readonly dimensions?: Readonly<Record<string, string>> | undefined
  }[]
  readonly events: readonly {
    readonly type: string
    /** Null: when the period begins. */
    readonly time: Instant | null
    readonly data: Readonly<Record<string, unknown>>
  }[]
}

interface SampledFor {
  readonly meters: readonly Meter[]
  /** By feature. */
  readonly metersOfFeatures: ReadonlyMap<string, Meter>
  readonly terms: readonly Term[]
  readonly currency: Currency
  readonly period: Period
}

/** The sample as the rater can be answered from it, or everything that is wrong with it. */
export function readSample(
  input: SampleInput,
  known: SampledFor,
): { readonly sample: UsageSample } | { readonly errors: readonly FieldError[] } {
  return input.events.length > 0 ? readEvents(input.events, known) : readQuantities(input, known)
}

function readQuantities(
  { quantities }: SampleInput,
  known: SampledFor,
): { readonly sample: UsageSample } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const sampled: SampledQuantity[] = []
  const needsEvents = metersPricedPerEvent(known)
  for (const [index, { meter: key, quantity, events, dimensions = {} }] of quantities.entries()) {
    const at = `quantities.${index}`
    const meter = known.meters.find((each) => each.key === key)
    if (meter === undefined) {
      errors.push({ path: `${at}.meter`, message: `there is no meter ${key}` })
      continue
    }
    for (const name of Object.keys(dimensions)) {
      if (Object.hasOwn(meter.groupBy, name)) continue
      errors.push({
        path: `${at}.dimensions.${name}`,
        message: `the meter ${key} has no such dimension`,
      })
    }
    if (decimal(quantity) < 0n) {
      errors.push({ path: `${at}.quantity`, message: 'must not be negative' })
    }
    const isCounted = meter.aggregation === 'count'
    if (events === undefined && !isCounted && needsEvents.has(key)) {
      const message = `says how many events ${quantity} came from: the plan charges for each`
      errors.push({ path: `${at}.events`, message })
    }
    sampled.push({
      meterKey: key,
      dimensions,
      quantity: decimal(quantity),
      eventCount: events === undefined ? null : BigInt(events),
    })
  }
  return errors.length > 0 ? { errors } : { sample: { kind: 'quantities', quantities: sampled } }
}

function readEvents(
  events: SampleInput['events'],
  { meters, period }: SampledFor,
): { readonly sample: UsageSample } | { readonly errors: readonly FieldError[] } {
  const errors: FieldError[] = []
  const sampled: SampledEvent[] = []
  for (const [index, { type, time, data }] of events.entries()) {
    const at = time ?? period.startsAt
    if (at < period.startsAt || at >= period.endsAt) {
      const span = `${formatInstant(period.startsAt)} to ${formatInstant(period.endsAt)}`
      errors.push({ path: `events.${index}.time`, message: `lies outside of the period, ${span}` })
      continue
    }
    const measured = measure({ type, data }, meters)
    if ('state' in measured) {
      const message = measured.state === 'rejected' ? measured.message : measured.state
      errors.push({ path: `events.${index}.data`, message })
      continue
    }
    const identity = String(index).padStart(8, '0')
    for (const { meter, value, text, dimension } of measured) {
      sampled.push({ meterKey: meter.key, identity, at, value, text, dimension })
    }
  }
  return errors.length > 0 ? { errors } : { sample: { kind: 'events', events: sampled } }
}

/** Where a part of the price is for each event, a number of units alone says too little. */
function metersPricedPerEvent({ terms, currency, metersOfFeatures }: SampledFor): Set<string> {
  const cards = terms.flatMap(({ phase }) => phase.rateCards)
  const priced = cards.filter((card) => isPricedPerEvent(card, currency))
  return new Set(priced.flatMap((card) => metersOfFeatures.get(card.featureKey ?? '')?.key ?? []))
}

function isPricedPerEvent(card: RateCard, currency: Currency): boolean {
  const price = priceOf(card, currency)
  if (price?.type !== 'percentage') return false
  const { fixedPerEvent, minimumPerEvent, maximumPerEvent } = price
  return (fixedPerEvent ?? minimumPerEvent ?? maximumPerEvent) !== null
}

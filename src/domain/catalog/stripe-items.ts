import { sha256Hex } from '../../kit/crypto.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanDefinition, PlanPhase, RateCard } from './plan.ts'
import { intervalOf, type PriceTransport, transportOf } from './stripe-price.ts'

/** What measures each feature. */
export type FeatureMeters = ReadonlyMap<string, Pick<Meter, 'key' | 'aggregation'>>

/** One price a Stripe subscription in a phase consists of. */
export interface StripeItem {
  /** The id its Stripe price is mapped under. */
  readonly entityId: string
  /** Null for the base: a price of nothing that keeps a subscription going whose charges are all rated here. */
  readonly card: RateCard | null
  readonly transport: PriceTransport
}

export function featureMeters(
  features: ReadonlyMap<string, Feature>,
  meters: readonly Meter[],
): FeatureMeters {
  const byKey = new Map(meters.map((meter) => [meter.key, meter]))
  return new Map(
    [...features.values()].flatMap(({ key, meterKey }) => {
      const meter = meterKey === null ? undefined : byKey.get(meterKey)
      return meter === undefined ? [] : [[key, meter] as const]
    }),
  )
}

export function meterOf(card: RateCard, meters: FeatureMeters) {
  return card.featureKey === null ? undefined : meters.get(card.featureKey)
}

/** The prices a subscription in this phase has in Stripe. A phase in which nothing costs anything has none. */
export function stripeItems(
  planKey: string,
  definition: Pick<PlanDefinition, 'billingCadence'>,
  phase: PlanPhase,
  currency: Currency,
  meters: FeatureMeters,
): StripeItem[] {
  const items = phase.rateCards.flatMap((card): StripeItem[] => {
    const transport = transportOf(card, currency, meterOf(card, meters))
    if (transport?.kind !== 'price') return []
    return [{ entityId: priceEntityId(planKey, card, currency), card, transport }]
  })
  const isPaid = phase.rateCards.some(({ prices }) => prices !== null)
  const isKept = items.some(({ transport }) => transport.interval !== null)
  const base = isPaid && !isKept ? baseItem(planKey, definition, currency) : undefined
  return base === undefined ? items : [base, ...items]
}

/**
 * The id a rate card's price is mapped under: plan, card, currency and a hash of the terms, so that equal prices of two
 * versions are one Stripe price.
 */
export function priceEntityId(planKey: string, card: RateCard, currency: Currency): string {
  const transport = transportOf(card, currency)
  const content = transport?.kind === 'price' ? transport : null
  return entityId(planKey, card.key, currency, [content, card.providerPrice, card.featureKey])
}

/** No rate card can be called this. */
const BASE_KEY = '-'

function baseItem(
  planKey: string,
  { billingCadence }: Pick<PlanDefinition, 'billingCadence'>,
  currency: Currency,
): StripeItem | undefined {
  const interval = intervalOf(billingCadence)
  if (interval === undefined) return undefined
  const amount = { kind: 'per_unit', unitAmountDecimal: '0' } as const
  const transport: PriceTransport = { kind: 'price', amount, interval, isMetered: false }
  return { entityId: entityId(planKey, BASE_KEY, currency, transport), card: null, transport }
}

function entityId(planKey: string, cardKey: string, currency: Currency, content: unknown): string {
  return [planKey, cardKey, currency, sha256Hex(JSON.stringify(content)).slice(0, 12)].join('/')
}

import type { Currency } from '../../kit/currency.ts'
import type { Mode } from '../../kit/mode.ts'
import type { StripePriceInput, StripeProductInput } from '../../stripe/catalog.ts'
import type { Mapping } from '../connections/mapping.ts'
import type { Feature, Meter } from './meter.ts'
import type { PlanPhase, PlanVersion } from './plan.ts'
import {
  featureMeters,
  type FeatureMeters,
  meterOf,
  type StripeItem,
  stripeItems,
} from './stripe-items.ts'
import { transportOf } from './stripe-price.ts'

/** What publishing does in Stripe, in order. The diff an operator confirms is this list. */
export type PublishEffect =
  | {
      readonly kind: 'create_product'
      readonly planKey: string
      readonly product: StripeProductInput
    }
  | {
      readonly kind: 'update_product'
      readonly planKey: string
      readonly stripeProductId: string
      readonly product: StripeProductInput
    }
  | {
      readonly kind: 'create_meter'
      readonly meterKey: string
      readonly name: string
      readonly eventName: string
    }
  | ({ readonly kind: 'create_price'; readonly price: PricePlan } & PriceTarget)
  | ({ readonly kind: 'keep_price'; readonly stripePriceId: string } & PriceTarget)
  | ({ readonly kind: 'restore_price'; readonly stripePriceId: string } & PriceTarget)
  | ({ readonly kind: 'link_price'; readonly stripePriceId: string } & PriceTarget)
  | { readonly kind: 'archive_price'; readonly entityId: string; readonly stripePriceId: string }
  /** Charged by invoice items, because Stripe cannot express it. */
  | {
      readonly kind: 'rate_here'
      readonly rateCardKey: string
      readonly currency: Currency
      readonly why: string
    }

export interface PriceTarget {
  /** Plan, rate card, currency and a hash of the price: equal prices of two versions are one Stripe price. */
  readonly entityId: string
  readonly rateCardKey: string
  readonly currency: Currency
}

/** A price to make; product and meter ids are filled in once those exist. */
export interface PricePlan extends Omit<StripePriceInput, 'productId' | 'recurring'> {
  readonly interval: {
    readonly interval: 'day' | 'week' | 'month' | 'year'
    readonly intervalCount: number
  } | null
  readonly meterKey: string | null
}

export interface PublishFacts {
  readonly mode: Mode
  readonly version: PlanVersion
  readonly meters: readonly Meter[]
  readonly features: ReadonlyMap<string, Feature>
  /** Mappings of this plan's product, of its prices and of all meters. */
  readonly mappings: readonly Mapping[]
}

export function decidePublish(facts: PublishFacts): PublishEffect[] {
  const { engine, phases, currencies } = facts.version.definition
  if (engine !== 'stripe_subscription') return []
  const meters = featureMeters(facts.features, facts.meters)
  const prices = phases.flatMap((phase) =>
    currencies.flatMap((currency) => decidePrices(phase, currency, meters, facts)),
  )
  return [
    decideProduct(facts),
    ...decideMeters(prices, facts),
    ...dropRepeated(prices),
    ...decideArchive(prices, facts),
  ]
}

export function meterEventName(mode: Mode, meterKey: string): string {
  return `farebox_${mode}_${meterKey}`
}

function decideProduct({ version, mappings }: PublishFacts): PublishEffect {
  const { planKey, definition } = version
  const entitled = definition.phases.flatMap(({ rateCards }) => rateCards)
  const features = entitled.flatMap(({ featureKey, entitlement }) => {
    if (featureKey === null || entitlement === null) return []
    const value =
      entitlement.type === 'metered'
        ? (entitlement.issueAfterReset ?? 'unlimited')
        : entitlement.type === 'static'
          ? entitlement.value
          : 'true'
    return [[`feature:${featureKey}`.slice(0, 40), value.slice(0, 500)] as const]
  })
  const product: StripeProductInput = {
    name: definition.name,
    description: definition.description,
    // Stripe keeps fifty entries; two are ours.
    metadata: { farebox_plan: planKey, ...Object.fromEntries(features.slice(0, 48)) },
  }
  const mapped = mappings.find(
    ({ entityKind, entityId }) => entityKind === 'plan' && entityId === planKey,
  )
  return mapped === undefined
    ? { kind: 'create_product', planKey, product }
    : { kind: 'update_product', planKey, stripeProductId: mapped.externalId, product }
}

function decidePrices(
  phase: PlanPhase,
  currency: Currency,
  meters: FeatureMeters,
  facts: PublishFacts,
): PublishEffect[] {
  const { planKey, definition } = facts.version
  const items = stripeItems(planKey, definition, phase, currency, meters)
  const rated = phase.rateCards.flatMap((card): PublishEffect[] => {
    const transport = transportOf(card, currency, meterOf(card, meters))
    if (transport?.kind !== 'invoice_items') return []
    return [{ kind: 'rate_here', rateCardKey: card.key, currency, why: transport.why }]
  })
  return [...items.map((item) => decidePrice(item, currency, meters, facts)), ...rated]
}

function decidePrice(
  { entityId, card, transport }: StripeItem,
  currency: Currency,
  meters: FeatureMeters,
  { version, mappings, mode }: PublishFacts,
): PublishEffect {
  const { definition, planKey } = version
  const target = { entityId, rateCardKey: card?.key ?? 'base', currency }
  if (card?.providerPrice.kind === 'linked') {
    const stripePriceId = card.providerPrice.stripePriceIds[currency] ?? ''
    return { kind: 'link_price', ...target, stripePriceId }
  }
  const mapped = mappings.find(
    ({ entityKind, entityId: id }) => entityKind === 'rate_card' && id === entityId,
  )
  if (mapped !== undefined) {
    const kind = mapped.metadata['archived'] === 'true' ? 'restore_price' : 'keep_price'
    return { kind, ...target, stripePriceId: mapped.externalId }
  }
  const meterKey = card !== null && transport.isMetered ? meterOf(card, meters)?.key : undefined
  const price: PricePlan = {
    lookupKey: `farebox:${mode}:${entityId}`,
    nickname: `${definition.name}: ${card?.name ?? 'usage'}`.slice(0, 250),
    currency,
    amount: transport.amount,
    interval: transport.interval,
    meterKey: meterKey ?? null,
    metadata: {
      farebox_plan: planKey,
      farebox_plan_version: String(version.version),
      farebox_rate_card: card?.key ?? 'base',
    },
  }
  return { kind: 'create_price', ...target, price }
}

function decideMeters(prices: readonly PublishEffect[], facts: PublishFacts): PublishEffect[] {
  const needed = new Set(
    prices.flatMap((effect) =>
      effect.kind === 'create_price' ? (effect.price.meterKey ?? []) : [],
    ),
  )
  return facts.meters
    .filter(({ key }) => needed.has(key))
    .filter(
      ({ key }) =>
        !facts.mappings.some(
          ({ entityKind, entityId }) => entityKind === 'meter' && entityId === key,
        ),
    )
    .map(({ key, name }) => ({
      kind: 'create_meter',
      meterKey: key,
      name,
      eventName: meterEventName(facts.mode, key),
    }))
}

/** Two phases may contain the same card. */
function dropRepeated(effects: readonly PublishEffect[]): PublishEffect[] {
  const seen = new Set<string>()
  return effects.filter((effect) => {
    if (!('entityId' in effect)) return true
    const isRepeated = seen.has(effect.entityId)
    seen.add(effect.entityId)
    return !isRepeated
  })
}

/** Prices of earlier versions leave the shelf; subscriptions that have them keep them. */
function decideArchive(
  prices: readonly PublishEffect[],
  { version, mappings }: PublishFacts,
): PublishEffect[] {
  const wanted = new Set(prices.flatMap((effect) => ('entityId' in effect ? effect.entityId : [])))
  return mappings
    .filter(({ entityKind, entityId, metadata }) => {
      const isOfPlan = entityKind === 'rate_card' && entityId.startsWith(`${version.planKey}/`)
      const isOurs = metadata['linked'] !== 'true' && metadata['archived'] !== 'true'
      return isOfPlan && isOurs && !wanted.has(entityId)
    })
    .map(({ entityId, externalId }) => ({
      kind: 'archive_price',
      entityId,
      stripePriceId: externalId,
    }))
}

import type { Currency } from '../../kit/currency.ts'
import type { Mode } from '../../kit/mode.ts'
import type { StripePriceInput, StripeProductInput } from '../../stripe/catalog.ts'
import type { Mapping } from '../connections/mapping.ts'
import type { Feature, Meter } from './meter.ts'
import { type Observed, productDifferences, withoutStale } from './observed.ts'
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
      readonly replaces: string | null
    }
  | {
      readonly kind: 'update_product'
      readonly planKey: string
      readonly stripeProductId: string
      readonly product: StripeProductInput
      /** What Stripe says of it now and is written over, in words. */
      readonly overwrites: readonly string[]
    }
  | {
      readonly kind: 'archive_product'
      readonly planKey: string
      readonly name: string
      readonly stripeProductId: string
    }
  | {
      readonly kind: 'create_meter'
      readonly meterKey: string
      readonly name: string
      readonly eventName: string
    }
  /** Somebody switched it off, or named it anew, in Stripe. */
  | {
      readonly kind: 'update_meter'
      readonly meterKey: string
      readonly name: string
      readonly stripeMeterId: string
      readonly isInactive: boolean
    }
  /** The meter behind a linked price, which is the one our usage has to reach. */
  | {
      readonly kind: 'link_meter'
      readonly meterKey: string
      readonly name: string
      readonly stripeMeterId: string
      readonly eventName: string
    }
  | ({
      readonly kind: 'create_price'
      readonly price: PricePlan
      readonly replaces: string | null
      readonly isAgreed?: true
    } & PriceTarget)
  | ({ readonly kind: 'keep_price'; readonly stripePriceId: string } & PriceTarget)
  | ({
      readonly kind: 'restore_price'
      readonly stripePriceId: string
      readonly price: PricePlan
      readonly isAgreed?: true
    } & PriceTarget)
  /** One that is agreed with single customers, and archived in Stripe while they may still need it. */
  | { readonly kind: 'wake_price'; readonly entityId: string; readonly stripePriceId: string }
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
  /** What Stripe has of them now: somebody may have changed or deleted it there. */
  readonly observed: Observed
}

export function decidePublish(facts: PublishFacts): PublishEffect[] {
  const { version } = facts
  const { engine, phases, currencies } = version.definition
  if (engine !== 'stripe_subscription') return decideRetire(version, facts)
  const meters = featureMeters(facts.features, facts.meters)
  const prices = phases.flatMap((phase) =>
    currencies.flatMap((currency) => decidePrices(phase, currency, meters, facts)),
  )
  return [
    decideProduct(facts),
    ...decideMeters(meters, facts),
    ...dropRepeated(prices),
    ...decideArchive(prices, facts),
  ]
}

/**
 * What Stripe lacks of prices agreed with single customers. They are on no shelf: what is on sale and what is not, nothing
 * here changes.
 */
export function decideAgreed(facts: PublishFacts): PublishEffect[] {
  const meters = featureMeters(facts.features, facts.meters)
  const { phases, currencies } = facts.version.definition
  const prices = phases.flatMap((phase) =>
    currencies.flatMap((currency) => decidePrices(phase, currency, meters, facts)),
  )
  return [
    ...decideMeters(meters, facts),
    ...dropRepeated(prices).flatMap((effect): PublishEffect[] =>
      effect.kind === 'create_price' || effect.kind === 'restore_price'
        ? [{ ...effect, isAgreed: true }]
        : effect.kind === 'link_price'
          ? [effect]
          : [],
    ),
  ]
}

/** A plan that is sold no more: what Stripe has of it leaves the shelf there, too. */
export function decideRetire(
  { planKey, definition }: Pick<PlanVersion, 'planKey' | 'definition'>,
  { mappings, observed }: Pick<PublishFacts, 'mappings' | 'observed'>,
): PublishEffect[] {
  const product = mappedAs(mappings, 'plan', planKey)
  const isOnShelf = product !== undefined && isShown(product, observed.products)
  return [
    ...archived(planKey, new Set(), { mappings, observed }),
    ...(isOnShelf
      ? [
          {
            kind: 'archive_product' as const,
            planKey,
            name: definition.name,
            stripeProductId: product.externalId,
          },
        ]
      : []),
  ]
}

export function meterEventName(mode: Mode, meterKey: string): string {
  return `farebox_${mode}_${meterKey}`
}

/** A plan's product as it should be in Stripe. */
export function productOf({
  planKey,
  definition,
}: Pick<PlanVersion, 'planKey' | 'definition'>): StripeProductInput {
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
  return {
    name: definition.name,
    description: definition.description,
    // Stripe keeps fifty entries; two are ours.
    metadata: { farebox_plan: planKey, ...Object.fromEntries(features.slice(0, 48)) },
  }
}

function decideProduct({ version, mappings, observed }: PublishFacts): PublishEffect {
  const { planKey } = version
  const product = productOf(version)
  const mapped = mappedAs(mappings, 'plan', planKey)
  const known = mapped && observed.products.get(mapped.externalId)
  if (mapped === undefined || known === undefined) {
    return { kind: 'create_product', planKey, product, replaces: mapped?.externalId ?? null }
  }
  return {
    kind: 'update_product',
    planKey,
    stripeProductId: mapped.externalId,
    product: withoutStale(known, product),
    overwrites: productDifferences(known, product),
  }
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
  item: StripeItem,
  currency: Currency,
  meters: FeatureMeters,
  { version, mappings, mode, observed }: PublishFacts,
): PublishEffect {
  const { entityId, card } = item
  const target = { entityId, rateCardKey: card?.key ?? 'base', currency }
  const mapped = mappedAs(mappings, 'rate_card', entityId)
  if (card?.providerPrice.kind === 'linked') {
    const stripePriceId = card.providerPrice.stripePriceIds[currency] ?? ''
    const isLinked = mapped?.externalId === stripePriceId
    return { kind: isLinked ? 'keep_price' : 'link_price', ...target, stripePriceId }
  }
  const price = pricePlanOf(item, currency, meters, version, mode)
  const known = mapped && observed.prices.get(mapped.externalId)
  if (mapped === undefined || known === undefined) {
    return { kind: 'create_price', ...target, price, replaces: mapped?.externalId ?? null }
  }
  const isSold = known.isActive && mapped.metadata['archived'] !== 'true'
  const stripePriceId = mapped.externalId
  return isSold
    ? { kind: 'keep_price', ...target, stripePriceId }
    : { kind: 'restore_price', ...target, stripePriceId, price }
}

function pricePlanOf(
  { entityId, card, transport }: StripeItem,
  currency: Currency,
  meters: FeatureMeters,
  { planKey, version, definition }: PlanVersion,
  mode: Mode,
): PricePlan {
  const meterKey = card !== null && transport.isMetered ? meterOf(card, meters)?.key : undefined
  return {
    lookupKey: lookupKeyOf(mode, entityId),
    nickname: `${definition.name}: ${card?.name ?? 'usage'}`.slice(0, 250),
    currency,
    amount: transport.amount,
    interval: transport.interval,
    meterKey: meterKey ?? null,
    metadata: {
      farebox_plan: planKey,
      farebox_plan_version: String(version),
      farebox_rate_card: card?.key ?? 'base',
    },
  }
}

export function lookupKeyOf(mode: Mode, entityId: string): string {
  return `farebox:${mode}:${entityId}`
}

/** The meters behind metered prices, ours and linked ones: there, switched on, and the ones usage is sent to. */
function decideMeters(meters: FeatureMeters, facts: PublishFacts): PublishEffect[] {
  const { version, mappings, observed, mode } = facts
  const { definition, planKey } = version
  const linked = new Map<string, string>()
  const needed = new Set<string>()
  for (const phase of definition.phases) {
    for (const currency of definition.currencies) {
      for (const { card, transport } of stripeItems(planKey, definition, phase, currency, meters)) {
        const meterKey = card !== null && transport.isMetered ? meterOf(card, meters)?.key : null
        if (card === null || meterKey === null || meterKey === undefined) continue
        needed.add(meterKey)
        if (card.providerPrice.kind !== 'linked') continue
        const priceId = card.providerPrice.stripePriceIds[currency] ?? ''
        const meterId = observed.prices.get(priceId)?.recurring?.meterId
        if (meterId) linked.set(meterKey, meterId)
      }
    }
  }
  return facts.meters
    .filter(({ key }) => needed.has(key))
    .flatMap(({ key: meterKey, name }): PublishEffect[] => {
      const mapped = mappedAs(mappings, 'meter', meterKey)
      const known = mapped && observed.meters.get(mapped.externalId)
      if (mapped !== undefined && known !== undefined) {
        const isOurs = mapped.metadata['linked'] !== 'true'
        const isRight = known.isActive && known.name === name
        if (isRight || !isOurs) return []
        const isInactive = !known.isActive
        return [
          { kind: 'update_meter', meterKey, name, stripeMeterId: mapped.externalId, isInactive },
        ]
      }
      const theirs = observed.meters.get(linked.get(meterKey) ?? '')
      if (theirs !== undefined) {
        const { id: stripeMeterId, eventName } = theirs
        return [{ kind: 'link_meter', meterKey, name, stripeMeterId, eventName }]
      }
      return [{ kind: 'create_meter', meterKey, name, eventName: meterEventName(mode, meterKey) }]
    })
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
  { version, mappings, observed }: PublishFacts,
): PublishEffect[] {
  const wanted = new Set(prices.flatMap((effect) => ('entityId' in effect ? effect.entityId : [])))
  return archived(version.planKey, wanted, { mappings, observed })
}

/** What was made in Stripe and is only linked here is never archived. */
function archived(
  planKey: string,
  wanted: ReadonlySet<string>,
  { mappings, observed }: Pick<PublishFacts, 'mappings' | 'observed'>,
): PublishEffect[] {
  return mappings
    .filter(({ entityKind, entityId, metadata }) => {
      const isOfPlan = entityKind === 'rate_card' && entityId.startsWith(`${planKey}/`)
      return isOfPlan && metadata['linked'] !== 'true' && !wanted.has(entityId)
    })
    .flatMap((mapping): PublishEffect[] => {
      const { entityId, externalId: stripePriceId, metadata } = mapping
      const isAgreed = metadata['agreed'] === 'true'
      if (isShown(mapping, observed.prices) !== isAgreed) {
        return [{ kind: isAgreed ? 'wake_price' : 'archive_price', entityId, stripePriceId }]
      }
      return []
    })
}

/** On the shelf in Stripe: not archived by us yet, or taken out of the archive by somebody. */
function isShown(
  { externalId }: Mapping,
  known: ReadonlyMap<string, { readonly isActive: boolean }>,
): boolean {
  return known.get(externalId)?.isActive === true
}

function mappedAs(
  mappings: readonly Mapping[],
  kind: Mapping['entityKind'],
  id: string,
): Mapping | undefined {
  return mappings.find(({ entityKind, entityId }) => entityKind === kind && entityId === id)
}

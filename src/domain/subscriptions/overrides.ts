import { decimal, formatDecimal } from '../../kit/decimal.ts'
import { fraction, fractionToDecimal, multiplyFractions, toFraction } from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import { type HeldAddOn, withAddOns } from '../catalog/add-ons.ts'
import type {
  PlanDefinition,
  PlanPhase,
  Price,
  PriceTier,
  RateCard,
  RateLimit,
} from '../catalog/plan.ts'

/**
 * What an operator agreed with one customer in place of what the plan says, and why. It goes with the plan: another plan
 * has none of it, a newer version of the same plan all that it still has a place for.
 */
export interface SubscriptionOverrides {
  /** By rate card. */
  readonly prices?: Readonly<Record<string, PriceOverride>>
  /** Units per usage period by feature: `null` is unlimited. */
  readonly quotas?: Readonly<Record<string, string | null>>
  /** By feature: granted, taken away, or the value the upstream is told. */
  readonly features?: Readonly<Record<string, boolean | string>>
  /** By the plan's name for it. */
  readonly rateLimits?: Readonly<Record<string, RateLimitOverride>>
  readonly reason?: string
  /** It ends with the billing period this lies in. */
  readonly until?: Instant
}

export type PriceOverride =
  /** Of a fee, a unit or a package, in major units. */
  | { readonly type: 'amount'; readonly amount: string; readonly currency: string }
  /** Off whatever the card's price is. */
  | { readonly type: 'percentage'; readonly percent: string }

/** How many calls in the window the plan's limit has. */
export interface RateLimitOverride {
  readonly limit: number
  readonly burst: number | null
}

export const NO_OVERRIDES: SubscriptionOverrides = {}

export interface OverriddenNames {
  readonly rateCardKeys: readonly string[]
  readonly featureKeys: readonly string[]
  readonly rateLimits: readonly string[]
}

/** What is overridden, by its names. */
export function overriddenNames(overrides: SubscriptionOverrides): OverriddenNames {
  const { prices = {}, quotas = {}, features = {}, rateLimits = {} } = overrides
  return {
    rateCardKeys: Object.keys(prices),
    featureKeys: [...Object.keys(quotas), ...Object.keys(features)],
    rateLimits: Object.keys(rateLimits),
  }
}

export function isOverriding(overrides: SubscriptionOverrides): boolean {
  return Object.values(overriddenNames(overrides)).some((names) => names.length > 0)
}

/** What stays agreed on a plan: it goes with the plan, whatever version. */
export function overridesOn(
  planKey: string,
  current: { readonly planKey: string; readonly overrides: SubscriptionOverrides },
): SubscriptionOverrides {
  return current.planKey === planKey ? current.overrides : NO_OVERRIDES
}

/** The phase a subscription really has: what was agreed takes the place of what the plan says. */
export function overriddenPhase(phase: PlanPhase, overrides: SubscriptionOverrides): PlanPhase {
  if (!isOverriding(overrides)) return phase
  const { features = {} } = overrides
  const rateCards = phase.rateCards
    .map((card) => withQuota(withPrice(withRight(card, overrides), overrides), overrides))
    .filter((card) => card.entitlement !== null || card.prices !== null || isGiving(card))
  const entitled = new Set(rateCards.map(({ featureKey }) => featureKey))
  const granted = Object.entries(features)
    .filter(([key, right]) => right !== false && !entitled.has(key))
    .map(([key, right]) => grantedCard(key, right))
  return { ...phase, rateCards: [...rateCards, ...granted] }
}

/** The plan a subscription really has. */
export function overriddenPlan(
  definition: PlanDefinition,
  overrides: SubscriptionOverrides,
): PlanDefinition {
  return {
    ...definition,
    rateLimits: overriddenRateLimits(definition.rateLimits, overrides),
    phases: definition.phases.map((phase) => overriddenPhase(phase, overrides)),
  }
}

/** What it grants in all: what was agreed takes the place of what the plan says, and add-ons come on top of that. */
export function grantedPlan(
  definition: PlanDefinition,
  overrides: SubscriptionOverrides,
  held: readonly HeldAddOn[],
): PlanDefinition {
  return withAddOns(overriddenPlan(definition, overrides), held)
}

/** The plan's rate limits, as fast as was agreed. */
function overriddenRateLimits(
  limits: readonly RateLimit[],
  { rateLimits = {} }: SubscriptionOverrides,
): RateLimit[] {
  return limits.map((limit) => ({ ...limit, ...rateLimits[limit.name] }))
}

/** Whether the price of a card can be replaced by one amount. */
export function hasOneAmount(price: Price): price is Extract<Price, { readonly amount: string }> {
  return price.type === 'flat' || price.type === 'unit' || price.type === 'package'
}

function withPrice(card: RateCard, { prices = {} }: SubscriptionOverrides): RateCard {
  const override = prices[card.key]
  if (override === undefined || card.prices === null) return card
  const agreed = Object.fromEntries(
    Object.entries(card.prices).map(([currency, price]) => [
      currency,
      agreedPrice(price, currency, override),
    ]),
  )
  // A price that was made in Stripe says what the plan says.
  return { ...card, prices: agreed, providerPrice: { kind: 'managed' } }
}

function agreedPrice(price: Price, currency: string, override: PriceOverride): Price {
  if (override.type === 'percentage') return scaled(price, override.percent)
  const isMeant = override.currency === currency && hasOneAmount(price)
  return isMeant ? { ...price, amount: override.amount } : price
}

/** Every price model is linear in its amounts, so that a share of them is that share of what it comes to. */
function scaled(price: Price, percent: string): Price {
  const left = fraction(decimal('100') - decimal(percent), decimal('100'))
  const of = (amount: string): string =>
    formatDecimal(fractionToDecimal(multiplyFractions(toFraction(decimal(amount)), left)))
  const orNull = (amount: string | null) => (amount === null ? null : of(amount))
  switch (price.type) {
    case 'flat':
    case 'unit':
    case 'package':
      return { ...price, amount: of(price.amount) }
    case 'tiered': {
      const tiers = price.tiers.map((tier): PriceTier => {
        const { flatPrice, unitPrice } = tier
        return { ...tier, flatPrice: orNull(flatPrice), unitPrice: orNull(unitPrice) }
      })
      return { ...price, tiers }
    }
    case 'percentage':
      return {
        ...price,
        rate: of(price.rate),
        fixedPerEvent: orNull(price.fixedPerEvent),
        minimumPerEvent: orNull(price.minimumPerEvent),
        maximumPerEvent: orNull(price.maximumPerEvent),
      }
    case 'dynamic':
      return { ...price, multiplier: of(price.multiplier) }
    case 'matrix':
      return {
        ...price,
        defaultAmount: of(price.defaultAmount),
        cells: price.cells.map((cell) => ({ ...cell, amount: of(cell.amount) })),
      }
  }
}

function withQuota(card: RateCard, { quotas = {} }: SubscriptionOverrides): RateCard {
  const { entitlement, featureKey } = card
  const issueAfterReset = featureKey === null ? undefined : quotas[featureKey]
  if (entitlement?.type !== 'metered' || issueAfterReset === undefined) return card
  return {
    ...card,
    entitlement: { ...entitlement, issueAfterReset },
    // What is included is part of what Stripe's price says.
    ...(card.prices !== null && { providerPrice: { kind: 'managed' as const } }),
  }
}

function withRight(card: RateCard, { features = {} }: SubscriptionOverrides): RateCard {
  const right = card.featureKey === null ? undefined : features[card.featureKey]
  if (right === undefined || card.entitlement?.type === 'metered') return card
  if (right === false) return { ...card, entitlement: null }
  return { ...card, entitlement: rightOf(right) }
}

function isGiving({ creditGrant, creditCost }: RateCard): boolean {
  return creditGrant !== null || creditCost !== null
}

function rightOf(right: true | string): NonNullable<RateCard['entitlement']> {
  return right === true ? { type: 'boolean' } : { type: 'static', value: right }
}

function grantedCard(featureKey: string, right: boolean | string): RateCard {
  return {
    key: `agreed_${featureKey}`,
    name: featureKey,
    featureKey,
    billingCadence: null,
    prices: null,
    entitlement: right === false ? null : rightOf(right),
    discounts: [],
    commitments: null,
    conversion: null,
    creditCost: null,
    creditGrant: null,
    providerPrice: { kind: 'managed' },
  }
}

import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import { featureMeters, type FeatureMeters, meterOf } from './stripe-items.ts'
import { isUsagePrice, type PlanDefinition, type RateCard } from './plan.ts'
import type { CatalogContext } from './validation/rate-card.ts'

/** Stripe prices that the environment names: `STRIPE_PRICE_PRO`, `STRIPE_PRICE_ID_CPU_HOURS`. */
export type PricePins = Readonly<Record<string, string>>

export interface Pinned {
  readonly definition: PlanDefinition
  readonly problems: readonly FieldError[]
  readonly warnings: readonly FieldError[]
}

/**
 * Puts the prices that the environment names in the place of those we would make: `STRIPE_PRICE_<PLAN>` is the plan's one
 * recurring fee, or its one price; `STRIPE_PRICE_ID_<METER>` every price of what that meter measures. What a plan links
 * itself stays as it is.
 */
export function pinPrices(
  planKey: string,
  definition: PlanDefinition,
  context: Pick<CatalogContext, 'meters' | 'features'>,
  pins: PricePins,
): Pinned {
  const problems: FieldError[] = []
  const warnings: FieldError[] = []
  const [currency = '', ...others] = definition.currencies
  const features = new Map(context.features.map((feature) => [feature.key, feature]))
  const meters = featureMeters(features, context.meters)
  const planPin = `STRIPE_PRICE_${planKey.toUpperCase()}`
  const ownCards = pins[planPin] === undefined ? [] : cardsOfPlan(definition, currency)
  const ownCard = ownCards.length === 1 ? ownCards[0] : undefined
  if (ownCards.length > 1) {
    const message = `${planPin} could stand for several prices of the plan; name it in the providerPrice of one.`
    problems.push({ path: 'phases', message })
  }

  const pinCard = (card: RateCard, path: string): RateCard => {
    if (card.prices === null || card.providerPrice.kind === 'linked') return card
    const names = card.key === ownCard ? [planPin] : meterPins(card, meters, currency)
    const name = names.find((candidate) => pins[candidate] !== undefined)
    const stripePriceId = name === undefined ? undefined : pins[name]
    if (stripePriceId === undefined) return card
    if (definition.engine !== 'stripe_subscription') {
      const message = `${name} is not used: the ${definition.engine} engine charges by invoice items.`
      warnings.push({ path, message })
      return card
    }
    if (others.length > 0) {
      const message = `${name} names one price and the card has ${others.length + 1} currencies; name one for each in its providerPrice.`
      problems.push({ path, message })
      return card
    }
    const stripePriceIds = { [currency]: stripePriceId }
    return { ...card, providerPrice: { kind: 'linked', stripePriceIds } }
  }

  const phases = definition.phases.map((phase, i) => ({
    ...phase,
    rateCards: phase.rateCards.map((card, j) => pinCard(card, `phases[${i}].rateCards[${j}]`)),
  }))
  return { definition: { ...definition, phases }, problems, warnings }
}

/** As somebody would write it: what the environment of this installation names is not part of a plan. */
export function unpinPrices(
  planKey: string,
  definition: PlanDefinition,
  context: Pick<CatalogContext, 'meters' | 'features'>,
  pins: PricePins,
): PlanDefinition {
  const managed = mapCards(definition, (card) => ({ ...card, providerPrice: { kind: 'managed' } }))
  const pinned = pinPrices(planKey, managed, context, pins).definition
  return mapCards(definition, (card, i, j) => {
    const named = pinned.phases[i]?.rateCards[j]?.providerPrice
    const isPinned =
      card.providerPrice.kind === 'linked' && isDeepStrictEqual(card.providerPrice, named)
    return isPinned ? { ...card, providerPrice: { kind: 'managed' } } : card
  })
}

function mapCards(
  definition: PlanDefinition,
  map: (card: RateCard, phase: number, at: number) => RateCard,
): PlanDefinition {
  const phases = definition.phases.map((phase, i) => ({
    ...phase,
    rateCards: phase.rateCards.map((card, j) => map(card, i, j)),
  }))
  return { ...definition, phases }
}

/** The keys of the cards a plan's price could stand for; a plan that costs nothing has none. */
function cardsOfPlan({ phases }: PlanDefinition, currency: Currency): string[] {
  const priced = phases.flatMap(({ rateCards }) => rateCards).filter(({ prices }) => prices)
  const fees = priced.filter(({ prices, billingCadence }) => {
    const price = prices?.[currency]
    return billingCadence !== null && price !== undefined && !isUsagePrice(price)
  })
  return [...new Set((fees.length > 0 ? fees : priced).map(({ key }) => key))]
}

/** Usage is named by its meter or by its card: `STRIPE_PRICE_ID_CPU_HOURS`, `STRIPE_PRICE_ID_STORAGE_GB_MONTH`. */
function meterPins(card: RateCard, meters: FeatureMeters, currency: Currency): string[] {
  const price = card.prices?.[currency]
  const meter = price !== undefined && isUsagePrice(price) ? meterOf(card, meters) : undefined
  return meter === undefined
    ? []
    : [meter.key, card.key].map((key) => `STRIPE_PRICE_ID_${key.toUpperCase()}`)
}

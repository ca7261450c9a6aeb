import type { Currency } from '../../../kit/currency.ts'
import { decimal } from '../../../kit/decimal.ts'
import { divides, type Duration, parseDuration } from '../../../kit/period.ts'
import type { StripeMeter, StripePrice } from '../../../stripe/catalog.ts'
import type { Mapping } from '../../connections/mapping.ts'
import type { Feature, Meter } from '../meter.ts'
import type { Commitment, CreditAllowance, PlanDefinition, RateCard } from '../plan.ts'
import { checkMetered } from './entitlement.ts'
import { checkPrice } from './price.ts'
import { checkLinkedPrice } from './provider-price.ts'
import {
  checkAmount,
  checkCurrencies,
  checkDuration,
  checkPositive,
  checkSlug,
  checkText,
  type Report,
} from './report.ts'

/** What a plan may refer to. */
export interface CatalogContext {
  readonly meters: readonly Meter[]
  readonly features: readonly Feature[]
  /** What is on sale, for what is sold on top of it; without it only the form of an add-on is checked. */
  readonly plans?: ReadonlyMap<string, PlanDefinition>
  /** What Stripe says about linked prices; without it only the form of their ids is checked. */
  readonly linked?: LinkedContext
}

export interface LinkedContext {
  /** By Stripe's ids. */
  readonly prices: ReadonlyMap<string, StripePrice>
  readonly meters: ReadonlyMap<string, StripeMeter>
  /** Which Stripe meter our usage goes to already. */
  readonly mappings: readonly Mapping[]
}

/** A usage line for each of so many periods at most, on one invoice. */
const MAX_USAGE_CHARGES_PER_INVOICE = 60
const MEAN_MONTH_MS = 30.436875 * 86_400_000

export function checkRateCard(
  card: RateCard,
  plan: PlanDefinition,
  context: CatalogContext,
  path: string,
  report: Report,
): void {
  checkSlug(card.key, `${path}.key`, report)
  checkText(card.name, `${path}.name`, report)
  const feature = checkFeature(card, context, path, report)
  const meter = meterOf(feature, context)
  checkCadence(card, plan, path, report)
  checkPrices(card, plan, feature, meter, path, report)
  checkAdditions(card, plan, path, report)
  checkEntitlement(card, feature, meter, path, report)
  if (card.providerPrice.kind === 'linked') {
    checkLinkedPrice(card, plan, `${path}.providerPrice`, report)
  }
}

function checkFeature(
  card: RateCard,
  { features }: CatalogContext,
  path: string,
  report: Report,
): Feature | undefined {
  if (card.featureKey === null) {
    if (card.entitlement !== null) {
      report(`${path}.featureKey`, 'An entitlement needs the feature it entitles to.')
    }
    if (hasUsagePrice(card)) {
      report(`${path}.featureKey`, 'Without a feature a card can only have a flat fee.')
    }
    return undefined
  }
  const feature = features.find(({ key }) => key === card.featureKey)
  if (feature === undefined) {
    report(`${path}.featureKey`, `There is no feature ${card.featureKey}; create it first.`)
  } else if (feature.archivedAt !== null) {
    report(`${path}.featureKey`, `The feature ${card.featureKey} is archived.`)
  }
  return feature
}

export function meterOf(
  feature: Feature | undefined,
  { meters }: Pick<CatalogContext, 'meters'>,
): Meter | undefined {
  return meters.find(({ key, archivedAt }) => key === feature?.meterKey && archivedAt === null)
}

function checkCadence(card: RateCard, plan: PlanDefinition, path: string, report: Report): void {
  const own = `${path}.billingCadence`
  if (card.billingCadence === null) {
    if (hasUsagePrice(card)) report(own, 'Usage is charged again and again: give it a cadence.')
    return
  }
  const cadence = checkDuration(card.billingCadence, own, report)
  const planCadence = parseDuration(plan.billingCadence)
  if (cadence === undefined || planCadence === undefined) return
  if (!divides(planCadence, cadence)) {
    report(
      own,
      `${card.billingCadence} and the plan's ${plan.billingCadence} do not fit into each other.`,
    )
  } else if (
    hasUsagePrice(card) &&
    periodsIn(planCadence, cadence) > MAX_USAGE_CHARGES_PER_INVOICE
  ) {
    report(own, `More than ${MAX_USAGE_CHARGES_PER_INVOICE} usage lines would go on one invoice.`)
  }
}

function checkPrices(
  card: RateCard,
  plan: PlanDefinition,
  feature: Feature | undefined,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  if (card.prices === null) return
  checkCurrencies(card.prices, plan.currencies, `${path}.prices`, report)
  const models = new Set(Object.values(card.prices).map(({ type }) => type))
  if (models.size > 1) report(`${path}.prices`, 'All currencies need the same price model.')
  if (hasUsagePrice(card) && feature !== undefined) {
    if (meter === undefined) {
      report(
        `${path}.featureKey`,
        `Nothing measures ${feature.key}: its meter is missing or archived.`,
      )
    } else {
      checkUnit(card, meter, path, report)
    }
  }
  for (const [currency, price] of Object.entries(card.prices)) {
    checkPrice(price, currency, meter, `${path}.prices.${currency}`, report)
  }
}

/**
 * A price per GB-month over daily snapshots that are merely summed bills a month thirty times. Such units need an
 * average over time, and the time has to be the unit's.
 */
function checkUnit(card: RateCard, meter: Meter, path: string, report: Report): void {
  const perTime = /-(month|year)$/.exec(meter.unit)?.[1]
  if (perTime === undefined) return
  if (meter.aggregation !== 'time_weighted_sum') {
    report(
      `${path}.featureKey`,
      `A price per ${meter.unit} needs a time-weighted meter; ${meter.key} is a ${meter.aggregation} meter.`,
    )
  }
  const fitting = perTime === 'month' ? ['P1M'] : ['P1Y', 'P12M']
  if (card.billingCadence !== null && !fitting.includes(card.billingCadence)) {
    report(`${path}.billingCadence`, `A price per ${meter.unit} is charged every ${perTime}.`)
  }
}

/** Discounts, commitments and conversion: what stands beside a price makes no sense without one. */
function checkAdditions(card: RateCard, plan: PlanDefinition, path: string, report: Report): void {
  for (const [i, discount] of card.discounts.entries()) {
    const own = `${path}.discounts[${i}]`
    if (card.prices === null) report(own, 'There is no price to take it off.')
    if (discount.type === 'percentage') {
      const percent = checkPositive(discount.percent, `${own}.percent`, report)
      if (percent !== undefined && percent > decimal(100)) report(`${own}.percent`, 'At most 100.')
    } else {
      checkCurrencies(discount.amounts, plan.currencies, `${own}.amounts`, report)
      for (const [currency, amount] of Object.entries(discount.amounts)) {
        checkAmount(amount, currency, `${own}.amounts.${currency}`, report)
      }
    }
  }
  if (card.commitments !== null) {
    if (!hasUsagePrice(card)) report(`${path}.commitments`, 'They are about usage; a fee is fixed.')
    checkCurrencies(card.commitments, plan.currencies, `${path}.commitments`, report)
    for (const [currency, commitment] of Object.entries(card.commitments)) {
      checkCommitment(commitment, currency, `${path}.commitments.${currency}`, report)
    }
  }
  if (card.creditCost !== null) {
    const own = `${path}.creditCost`
    checkSlug(card.creditCost.creditKey, `${own}.creditKey`, report)
    checkPositive(card.creditCost.perUnit, `${own}.perUnit`, report)
    if (card.featureKey === null) report(own, 'A fee is not metered, so credits cannot pay it.')
  }
  if (card.creditGrant !== null) {
    checkAllowanceOfCredits(card.creditGrant, plan, `${path}.creditGrant`, report)
  }
  if (card.conversion !== null) {
    if (!hasUsagePrice(card))
      report(`${path}.conversion`, 'There is no usage price to convert for.')
    checkPositive(card.conversion.factor, `${path}.conversion.factor`, report)
  }
}

function checkAllowanceOfCredits(
  { unit, amount, every, validFor, appliesTo }: CreditAllowance,
  { currencies }: PlanDefinition,
  path: string,
  report: Report,
): void {
  if (!/^(?:money|feature|custom):[a-z0-9_]{1,64}$/.test(unit)) {
    report(`${path}.unit`, 'Write money:usd, feature:requests or custom:credits.')
  } else if (unit.startsWith('money:') && currencies.some((other) => unit !== `money:${other}`)) {
    report(`${path}.unit`, 'Money is only good for a plan that is sold in its currency alone.')
  }
  checkPositive(amount, `${path}.amount`, report)
  checkDuration(every, `${path}.every`, report)
  if (validFor !== null) checkDuration(validFor, `${path}.validFor`, report)
  for (const [i, feature] of (appliesTo ?? []).entries()) {
    checkSlug(feature, `${path}.appliesTo[${i}]`, report)
  }
}

function checkCommitment(
  { minimum, maximum }: Commitment,
  currency: Currency,
  path: string,
  report: Report,
): void {
  const least =
    minimum === null ? undefined : checkAmount(minimum, currency, `${path}.minimum`, report)
  const most =
    maximum === null ? undefined : checkAmount(maximum, currency, `${path}.maximum`, report)
  if (minimum === null && maximum === null) report(path, 'Give a minimum, a maximum, or both.')
  if (least !== undefined && most !== undefined && least > most) {
    report(`${path}.minimum`, 'The minimum is above the maximum.')
  }
}

function checkEntitlement(
  card: RateCard,
  feature: Feature | undefined,
  meter: Meter | undefined,
  path: string,
  report: Report,
): void {
  const { entitlement } = card
  if (entitlement?.type === 'static' && /[\r\n]/.test(entitlement.value)) {
    report(`${path}.entitlement.value`, 'It is sent as a header and must be one line.')
  }
  if (entitlement?.type !== 'metered') return
  if (feature !== undefined && meter === undefined && !hasUsagePrice(card)) {
    report(
      `${path}.featureKey`,
      `Nothing measures ${feature.key}: its meter is missing or archived.`,
    )
  }
  checkMetered(entitlement, card, meter, `${path}.entitlement`, report)
}

export function hasUsagePrice({ prices }: RateCard): boolean {
  return Object.values(prices ?? {}).some(({ type }) => type !== 'flat')
}

function periodsIn(whole: Duration, part: Duration): number {
  const lengthMs = (length: Duration) =>
    'ms' in length ? length.ms : length.months * MEAN_MONTH_MS
  return lengthMs(whole) / lengthMs(part)
}

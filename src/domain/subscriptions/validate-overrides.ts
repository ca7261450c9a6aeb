import type { FieldError } from '../../errors.ts'
import { chargeIncrementMinor } from '../../kit/currency.ts'
import { decimal, parseDecimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { parseMajor } from '../../kit/money.ts'
import type { Feature } from '../catalog/meter.ts'
import { type PlanDefinition, priceIn, type RateCard } from '../catalog/plan.ts'
import { hasOneAmount, type PriceOverride, type SubscriptionOverrides } from './overrides.ts'
import { effectiveEnd, type Subscription } from './subscription.ts'

const HUNDRED = decimal('100')
const MAX_RATE = 1_000_000_000
const MAX_VALUE_CHARACTERS = 500

export interface OverrideFacts {
  readonly subscription: Pick<Subscription, 'currency' | 'endsAt' | 'cancelAt'>
  readonly definition: PlanDefinition
  readonly features: ReadonlyMap<string, Feature>
}

/** Every problem at once: each override needs something of the plan to take the place of. */
export function validateOverrides(
  overrides: SubscriptionOverrides,
  facts: OverrideFacts,
  now: Instant,
): FieldError[] {
  const { prices = {}, quotas = {}, features = {}, rateLimits = {}, until } = overrides
  const cards = facts.definition.phases.flatMap(({ rateCards }) => rateCards)
  return [
    ...Object.entries(prices).flatMap(([key, override]) =>
      told(`overrides.prices.${key}`, priceProblem(key, override, cards, facts)),
    ),
    ...Object.entries(quotas).flatMap(([key, units]) =>
      told(`overrides.quotas.${key}`, quotaProblem(key, units, cards)),
    ),
    ...Object.entries(features).flatMap(([key, right]) =>
      told(`overrides.features.${key}`, featureProblem(key, right, cards, facts)),
    ),
    ...Object.entries(rateLimits).flatMap(([name, { limit, burst }]) => {
      const isKnown = facts.definition.rateLimits.some((known) => known.name === name)
      const isGood = isRate(limit) && (burst === null || isRate(burst))
      const message = isKnown
        ? 'needs a whole number of at least 1'
        : `the plan has no rate limit ${name}`
      return isKnown && isGood ? [] : told(`overrides.rateLimits.${name}`, message)
    }),
    ...told('overrides.until', untilProblem(until, facts, now)),
  ]
}

function priceProblem(
  key: string,
  override: PriceOverride,
  cards: readonly RateCard[],
  { subscription: { currency } }: OverrideFacts,
): string | null {
  const priced = cards.filter((card) => card.key === key && priceIn(card, currency) !== undefined)
  if (priced.length === 0) return `the plan has no price ${key}`
  if (override.type === 'percentage') {
    const percent = parseDecimal(override.percent)
    const isGood = percent !== undefined && percent > ZERO && percent <= HUNDRED
    return isGood ? null : 'must be more than 0 and at most 100 percent'
  }
  if (override.currency !== currency) return `is billed in ${currency}`
  for (const card of priced) {
    const price = priceIn(card, currency)
    if (price === undefined || !hasOneAmount(price)) {
      return 'has more than one amount; agree a percentage off'
    }
    const isGood =
      price.type === 'flat' ? isChargeable(override.amount, currency) : isAmount(override.amount)
    if (!isGood) return `must be an amount in ${currency} that can be charged, at least 0`
  }
  return null
}

function quotaProblem(key: string, units: string | null, cards: readonly RateCard[]) {
  const metered = cards.find(
    ({ featureKey, entitlement }) => featureKey === key && entitlement?.type === 'metered',
  )
  if (metered === undefined) return `the plan has no quota of ${key}`
  return units === null || isAmount(units) ? null : 'must be a number of at least 0, or null'
}

function featureProblem(
  key: string,
  right: boolean | string,
  cards: readonly RateCard[],
  { features }: OverrideFacts,
): string | null {
  if (!features.has(key)) return `there is no feature ${key}`
  const ofFeature = cards.filter(({ featureKey }) => featureKey === key)
  if (ofFeature.some(({ entitlement }) => entitlement?.type === 'metered')) {
    return 'has a quota; agree another one'
  }
  if (right === false && ofFeature.some(({ prices }) => prices !== null)) {
    return 'is paid for, and cannot be taken away'
  }
  if (right === false && ofFeature.length === 0) return 'is not part of the plan'
  const isTooLong = typeof right === 'string' && right.length > MAX_VALUE_CHARACTERS
  return isTooLong ? `has at most ${MAX_VALUE_CHARACTERS} characters` : null
}

function untilProblem(
  until: Instant | undefined,
  { subscription }: OverrideFacts,
  now: Instant,
): string | null {
  if (until === undefined) return null
  if (until <= now) return 'must lie ahead'
  const end = effectiveEnd(subscription)
  return end !== null && until > end ? 'must lie before the end of the subscription' : null
}

function isChargeable(text: string, currency: string): boolean {
  const amount = parseMajor(text, currency)?.amountMinor
  return amount !== undefined && amount >= 0n && amount % chargeIncrementMinor(currency) === 0n
}

function isAmount(text: string): boolean {
  const amount = parseDecimal(text)
  return amount !== undefined && amount >= ZERO
}

function isRate(count: number): boolean {
  return Number.isInteger(count) && count >= 1 && count <= MAX_RATE
}

function told(path: string, message: string | null): FieldError[] {
  return message === null ? [] : [{ path, message }]
}

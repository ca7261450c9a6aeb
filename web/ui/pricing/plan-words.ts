import { add, decimal, formatDecimal, ZERO } from '../../../src/kit/decimal.ts'
import { creditWords } from '../credit-words.ts'
import { formatQuantity, formatUnitPrice, listOf } from '../format.ts'
import { countedDuration, durationWords, perDuration, windowWords } from './duration-words.ts'
import {
  type PlanDefinition,
  type PlanPhase,
  plural,
  priceWords,
  type RateCard,
  unitsOf,
} from './price-words.ts'

/** What a rate card says to whoever buys or sells it. */
export interface CardWords {
  readonly key: string
  readonly name: string
  /** `10,000 requests per month`, `Included`, `Unlimited requests`; null for a fee alone. */
  readonly included: string | null
  /** What it costs, one line per tier; empty when it costs nothing. What is beyond `included`, where there is some. */
  readonly price: readonly string[]
  /** What happens to usage beyond the limit; null where it is simply billed or there is none. */
  readonly beyond: string | null
  /** Discounts, commitments, conversions. */
  readonly terms: readonly string[]
}

export function cardWords(card: RateCard, currency: string, unit: string): CardWords {
  return {
    key: card.key,
    name: card.name,
    included: includedWords(card, unit),
    price: chargeWords(card, currency, unit),
    beyond: beyondWords(card, unit),
    terms: termWords(card, currency, unit),
  }
}

/** The number a plan is known by. */
export interface Headline {
  readonly kind: 'free' | 'fee' | 'usage'
  /** `$29.00`; for the others `Free` and `Pay as you go`. */
  readonly amount: string
  /** `per month`; null where there is no fee. */
  readonly per: string | null
}

/** The recurring fees of the phase a subscription stays in. */
export function headline(definition: PlanDefinition, currency: string): Headline {
  const cards = definition.phases.at(-1)?.rateCards ?? []
  const prices = cards.flatMap(({ prices: all }) => all?.[currency] ?? [])
  const fees = cards.flatMap(({ billingCadence, prices: all }) => {
    const price = all?.[currency]
    const isRecurring = billingCadence === definition.billingCadence
    return price?.type === 'flat' && isRecurring ? [decimal(price.amount)] : []
  })
  const sum = fees.reduce(add, ZERO)
  if (sum > ZERO) {
    const amount = formatUnitPrice(formatDecimal(sum), currency)
    return { kind: 'fee', amount, per: perDuration(definition.billingCadence) }
  }
  const hasUsage = prices.some(({ type }) => type !== 'flat')
  if (hasUsage) return { kind: 'usage', amount: 'Pay as you go', per: null }
  return { kind: 'free', amount: 'Free', per: null }
}

/** The free time at the start: `14 days`; undefined when the first phase costs something or is the only one. */
export function trialWords({ phases }: PlanDefinition): string | undefined {
  const [first] = phases
  if (phases.length < 2 || first === undefined || first.duration === null) return undefined
  const isFree = first.rateCards.every(({ prices }) => prices === null)
  return isFree ? countedDuration(first.duration) : undefined
}

/** When a phase applies: `The first 14 days`, `The next 3 months`, `After that`; a single phase needs no words. */
export function phaseWords(phase: PlanPhase, index: number, count: number): string | undefined {
  if (count === 1) return undefined
  if (phase.duration === null) return index === 0 ? undefined : 'After that'
  return `The ${index === 0 ? 'first' : 'next'} ${durationWords(phase.duration)}`
}

/** `60 requests per minute for each API key, 120 at once`. */
export function rateLimitWords(limit: PlanDefinition['rateLimits'][number]): string {
  const scope = {
    key: 'for each API key',
    subscription: 'for each subscription',
    customer: 'for all keys together',
  }[limit.scope]
  const window = windowWords(limit.windowSeconds)
  const per = /^\d/.test(window) ? `in ${window}` : `per ${window}`
  const burst = limit.burst === null ? '' : `, ${formatQuantity(String(limit.burst))} at once`
  return `${unitsOf(String(limit.limit), 'request')} ${per} ${scope}${burst}`
}

function includedWords({ entitlement }: RateCard, unit: string): string | null {
  if (entitlement === null) return null
  if (entitlement.type === 'boolean') return 'Included'
  if (entitlement.type === 'static') return entitlement.value
  const { issueAfterReset, usagePeriod } = entitlement
  if (issueAfterReset === null) return `Unlimited ${plural(unit)}`
  if (decimal(issueAfterReset) === ZERO && entitlement.onLimit === 'bill_overage') return null
  return `${unitsOf(issueAfterReset, unit)} ${perDuration(usagePeriod)}`
}

function chargeWords(card: RateCard, currency: string, unit: string): string[] {
  const price = card.prices?.[currency]
  if (price === undefined) return []
  if (price.type === 'flat') {
    const term = price.paymentTerm === 'in_arrears' ? ', at its end' : ''
    return priceWords(price, currency, unit).map(
      (amount) => `${amount} ${perDuration(card.billingCadence)}${term}`,
    )
  }
  return priceWords(price, currency, pricedUnit(card, unit))
}

function beyondWords({ entitlement }: RateCard, unit: string): string | null {
  if (entitlement?.type !== 'metered' || entitlement.issueAfterReset === null) return null
  switch (entitlement.onLimit) {
    case 'block': {
      const grace = decimal(entitlement.graceRatio)
      if (grace === ZERO) return 'More is refused.'
      return `More than ${percent(entitlement.graceRatio)} beyond it is refused.`
    }
    case 'throttle': {
      const { throttle } = entitlement
      if (throttle === null) return 'Then it is slowed down.'
      const window = windowWords(throttle.windowSeconds)
      const per = /^\d/.test(window) ? `in ${window}` : `per ${window}`
      return `Then it is slowed down to ${unitsOf(String(throttle.limit), unit)} ${per}.`
    }
    case 'warn':
      return 'More is reported and not billed.'
    case 'bill_overage':
      return null
  }
}

/** `500 credits per month`, `What is left over stays valid for 1 month, at most 500 requests of it`. */
function creditTerms({ creditGrant, entitlement }: RateCard, unit: string): string[] {
  const given =
    creditGrant === null
      ? []
      : [`${creditWords(creditGrant.amount, creditGrant.unit)} ${perDuration(creditGrant.every)}`]
  const rollover = entitlement?.type === 'metered' ? entitlement.rollover : null
  if (rollover === null) return given
  const most = rollover.maximum === null ? '' : `, at most ${unitsOf(rollover.maximum, unit)}`
  return [
    ...given,
    `What is left over is valid for another ${durationWords(rollover.validFor)}${most}`,
  ]
}

function termWords(card: RateCard, currency: string, unit: string): string[] {
  const commitment = card.commitments?.[currency]
  const { minimum = null, maximum = null } = commitment ?? {}
  const bounds = [
    ...(minimum === null ? [] : [`at least ${formatUnitPrice(minimum, currency)}`]),
    ...(maximum === null ? [] : [`at most ${formatUnitPrice(maximum, currency)}`]),
  ]
  return [
    ...creditTerms(card, unit),
    ...card.discounts.flatMap((discount) => {
      if (discount.type === 'percentage') return [`${formatQuantity(discount.percent)}% off`]
      const amount = discount.amounts[currency]
      return amount === undefined ? [] : [`${formatUnitPrice(amount, currency)} off`]
    }),
    ...(bounds.length === 0 ? [] : [`${listOf(bounds)} ${perDuration(card.billingCadence)}`]),
    ...(card.conversion?.operation === 'multiply'
      ? [`1 ${unit} counts as ${formatQuantity(card.conversion.factor)}`]
      : []),
  ]
}

/** What a price is per, after units were divided into larger ones: `1,000 requests`. */
function pricedUnit({ conversion }: RateCard, unit: string): string {
  if (conversion?.operation !== 'divide') return unit
  return unitsOf(conversion.factor, unit)
}

function percent(ratio: string): string {
  return `${formatQuantity(formatDecimal((decimal(ratio) * 100n) as typeof ZERO))}%`
}

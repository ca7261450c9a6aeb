import type { ResponseOf } from '../../../../src/client/client.ts'
import {
  add,
  type Decimal,
  decimal,
  divide,
  formatDecimal,
  maxDecimal,
  subtract,
  ZERO,
} from '../../../../src/kit/decimal.ts'
import { countOf, formatUnitPrice } from '../../../ui/format.ts'
import { durationWords, perDuration } from '../../../ui/pricing/duration-words.ts'
import { isInvoiced } from '../../../ui/pricing/is-invoiced.ts'
import { rateLimitWords } from '../../../ui/pricing/plan-words.ts'
import { perUnit, type PlanPhase, type RateCard } from '../../../ui/pricing/price-words.ts'
import { usagePriceOf, type UsageWords, usageWords } from './usage-words.ts'

export type OfferedPlan = ResponseOf<'get', '/api/v1/public/plans'>['data'][number]

/** A plan as a price list shows it: said from its definition, so that nobody has to write it and get it wrong. */
export interface PlanWords {
  /** `$29` and `per month`; `Free` and nothing. */
  readonly price: { readonly amount: string; readonly per: string | null }
  /** `$99 per month, includes 10,000 requests, then $2.00 per 1,000`. */
  readonly sentence: string
  /** What is different at first: `First 2 weeks free`. */
  readonly beginnings: readonly string[]
  readonly usage: readonly UsageWords[]
  /** What else belongs to it: features, fees of other cadences, speeds. */
  readonly extras: readonly string[]
}

export function planWords(plan: OfferedPlan, currency: string): PlanWords {
  const { phases, rateLimits } = plan.definition
  const phase = phases.at(-1)
  if (phase === undefined) throw new RangeError(`The plan ${plan.key} has no phases`)
  const { headline, otherFees } = chargesOf(plan, phase, currency)
  return {
    price: headline,
    sentence: sentenceOf(plan, phase, currency),
    beginnings: phases.slice(0, -1).map((early) => beginningOf(plan, early, currency)),
    usage: usageOf(plan, phase, currency),
    extras: [
      ...featuresOf(plan, phase),
      ...otherFees,
      ...rateLimits.map(rateLimitWords),
      ...invoicedWords(plan),
    ],
  }
}

function invoicedWords(plan: OfferedPlan): string[] {
  const { daysUntilDue, phases } = plan.definition
  const costs = phases.some(({ rateCards }) => rateCards.some(({ prices }) => prices !== null))
  if (!isInvoiced(plan.definition) || !costs) return []
  return [
    daysUntilDue === null
      ? 'Paid by invoice'
      : daysUntilDue === 0
        ? 'Paid by invoice, due at once'
        : `Paid by invoice within ${countOf(daysUntilDue, 'day')}`,
  ]
}

/** A phase that does not last: a trial, or a price to begin with. */
function beginningOf(plan: OfferedPlan, phase: PlanPhase, currency: string): string {
  const length = `First ${durationWords(phase.duration ?? '')}`
  const isFree = phase.rateCards.every(({ prices }) => prices === null)
  if (!isFree) return `${length}: ${sentenceOf(plan, phase, currency)}`
  const usage = usageOf(plan, phase, currency).map(({ text }) => text)
  return usage.length === 0 ? `${length} free` : `${length} free: ${usage.join('; ')}`
}

function sentenceOf(plan: OfferedPlan, phase: PlanPhase, currency: string): string {
  const { headline, hasFee, priced } = chargesOf(plan, phase, currency)
  const saidPeriod = hasFee ? plan.definition.billingCadence : undefined
  const usage = usageOf(plan, phase, currency, saidPeriod).map(({ label, text }, _, { length }) =>
    length === 1 ? text : `${label}: ${text}`,
  )
  const price = [headline.amount, headline.per].filter(Boolean).join(' ')
  // Without a fee the price of usage is the whole sentence.
  const parts = hasFee || priced.length === 0 ? [price, ...usage] : usage
  return parts.join(usage.length > 1 ? '; ' : ', ')
}

interface Fee {
  readonly name: string
  readonly amount: Decimal
  /** Null: once. */
  readonly cadence: string | null
}

function chargesOf({ definition, featureUnits }: OfferedPlan, phase: PlanPhase, currency: string) {
  const fees = phase.rateCards.flatMap((card) => feesOf(card, currency))
  const cadences = fees.map(({ cadence }) => cadence)
  const main = cadences.find((cadence) => cadence === definition.billingCadence) ?? cadences[0]
  const priced = phase.rateCards.filter((card) => usagePriceOf(card, currency) !== undefined)
  const sum = fees
    .filter(({ cadence }) => cadence === main)
    .reduce((total, { amount }) => add(total, amount), ZERO)
  return {
    hasFee: fees.length > 0,
    priced,
    headline:
      main === undefined
        ? withoutFee(priced, definition.billingCadence, featureUnits, currency)
        : { amount: feeWords(sum, currency), per: perDuration(main) },
    otherFees: fees
      .filter(({ cadence }) => cadence !== main)
      .map(
        ({ name, amount, cadence }) =>
          `${name}: ${feeWords(amount, currency)} ${perDuration(cadence)}`,
      ),
  }
}

/** Nothing; the price of a unit, where there is one price and it holds from the first unit on; or "plus usage". */
function withoutFee(
  priced: readonly RateCard[],
  cadence: string,
  units: OfferedPlan['featureUnits'],
  currency: string,
): PlanWords['price'] {
  const [card] = priced
  if (card === undefined) return { amount: 'Free', per: null }
  const unit = units[card.featureKey ?? ''] ?? 'unit'
  const price = usagePriceOf(card, currency)
  const words = usageWords(card, { currency, label: '', unit })
  if (priced.length === 1 && price?.type === 'unit' && words?.shape === 'payAsYouGo') {
    const plain = perUnit(price.amount, currency, unit)
    const cut = plain.indexOf(' per ')
    if (words.text === plain && cut > 0) {
      return { amount: plain.slice(0, cut), per: plain.slice(cut + 1) }
    }
  }
  return { amount: feeWords(ZERO, currency), per: `${perDuration(cadence)}, plus usage` }
}

/** Flat prices, and the first tier's, which is due without any usage. */
function feesOf(card: RateCard, currency: string): Fee[] {
  const price = card.prices?.[currency]
  if (price?.type === 'flat') {
    const amount = discounted(decimal(price.amount), card, currency)
    return [{ name: card.name, amount, cadence: card.billingCadence }]
  }
  const base = price?.type === 'tiered' ? price.tiers[0]?.flatPrice : null
  if (base === null || base === undefined || decimal(base) === ZERO) return []
  return [{ name: card.name, amount: decimal(base), cadence: card.billingCadence }]
}

/** One discount after the other, never below zero, as the invoice does it. */
function discounted(amount: Decimal, { discounts }: RateCard, currency: string): Decimal {
  return discounts.reduce((left, discount) => {
    if (discount.type === 'amount') {
      return maxDecimal(ZERO, subtract(left, decimal(discount.amounts[currency] ?? '0')))
    }
    const kept = subtract(decimal(100), decimal(discount.percent))
    return divide(((left * kept) / decimal(1)) as Decimal, decimal(100))
  }, amount)
}

/** `$29`, `$9.99`: without the cents it does not have. */
function feeWords(amount: Decimal, currency: string): string {
  const text = formatUnitPrice(formatDecimal(amount), currency)
  return amount % decimal(1) === 0n ? text.replace(/\.0+(?=\D*$)/, '') : text
}

function usageOf(
  { featureNames, featureUnits }: OfferedPlan,
  phase: PlanPhase,
  currency: string,
  saidPeriod?: string,
): UsageWords[] {
  return phase.rateCards.flatMap((card) => {
    const key = card.featureKey ?? ''
    const context = {
      currency,
      label: featureNames[key] ?? card.name,
      unit: featureUnits[key] ?? 'unit',
      saidPeriod,
    }
    return usageWords(card, context) ?? []
  })
}

function featuresOf({ featureNames }: OfferedPlan, { rateCards }: PlanPhase): string[] {
  return rateCards.flatMap((card) => {
    const name = featureNames[card.featureKey ?? ''] ?? card.name
    if (card.entitlement?.type === 'boolean') return [name]
    return card.entitlement?.type === 'static' ? [`${name}: ${card.entitlement.value}`] : []
  })
}

import type { Currency } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import {
  type Fraction,
  fraction,
  FRACTION_ONE,
  FRACTION_ZERO,
  maxFraction,
  multiplyFractions,
  sumFractions,
  toFraction,
} from '../../kit/fraction.ts'
import { DAY_MS } from '../../kit/instant.ts'
import { duration } from '../../kit/period.ts'
import { applyDiscounts, cardDiscounts } from '../billing/rating/discounts.ts'
import { type PlanDefinition, type Price, priceIn, type RateCard } from './plan.ts'

/**
 * What a customer has committed to pay per month once all trials and introductory phases are over: recurring fees and
 * agreed minimums after the plan's discounts, in major units. A year has 12 months, 52 weeks or 365 days.
 */
export function monthlyPrice({ phases }: PlanDefinition, currency: Currency): Fraction {
  const cards = phases.at(-1)?.rateCards ?? []
  return sumFractions(cards.map((card) => monthlyPriceOf(card, currency)))
}

/** Of one card; what is charged once or by usage is no commitment. */
export function monthlyPriceOf(card: RateCard, currency: Currency): Fraction {
  if (card.billingCadence === null) return FRACTION_ZERO
  return multiplyFractions(committedPerPeriod(card, currency), periodsPerMonth(card.billingCadence))
}

export function periodsPerMonth(cadence: string): Fraction {
  const length = duration(cadence)
  if ('months' in length) return fraction(1, length.months)
  const weekMs = 7 * DAY_MS
  return length.ms % weekMs === 0
    ? fraction(52n * BigInt(weekMs), 12n * BigInt(length.ms))
    : fraction(365n * BigInt(DAY_MS), 12n * BigInt(length.ms))
}

function committedPerPeriod(card: RateCard, currency: Currency): Fraction {
  const fee = toFraction(decimal(feeOf(priceIn(card, currency))))
  const discounts = cardDiscounts(card.discounts, currency)
  const { amount } = applyDiscounts(fee, discounts, FRACTION_ONE)
  const minimum = card.commitments?.[currency]?.minimum ?? null
  return minimum === null ? amount : maxFraction(amount, toFraction(decimal(minimum)))
}

/** The fee of the first tier is charged in every period, without any usage too. */
function feeOf(price: Price | undefined): string {
  if (price?.type === 'flat') return price.amount
  return (price?.type === 'tiered' ? price.tiers[0]?.flatPrice : null) ?? '0'
}

import type { Currency } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import {
  compareFractions,
  type Fraction,
  fraction,
  FRACTION_ONE,
  FRACTION_ZERO,
  multiplyFractions,
  sumFractions,
  toFraction,
} from '../../kit/fraction.ts'
import { DAY_MS } from '../../kit/instant.ts'
import { duration } from '../../kit/period.ts'
import { applyDiscounts, cardDiscounts } from '../billing/rating/discounts.ts'
import { type PlanDefinition, priceIn, type RateCard } from './plan.ts'

export type ChangeDirection = 'upgrade' | 'downgrade' | 'lateral'

export interface OrderedPlan {
  readonly planKey: string
  readonly definition: PlanDefinition
}

/**
 * Whether a change goes up or down: by the operator's plan order, whatever the plans cost; by their monthly price where
 * the order does not tell them apart.
 */
export function directionOf(
  from: OrderedPlan,
  to: OrderedPlan,
  planOrder: readonly string[],
  currency: Currency,
): ChangeDirection {
  const fromPosition = planOrder.indexOf(from.planKey)
  const toPosition = planOrder.indexOf(to.planKey)
  const isOrdered = fromPosition !== -1 && toPosition !== -1 && fromPosition !== toPosition
  const difference = isOrdered
    ? toPosition - fromPosition
    : compareFractions(
        monthlyPrice(to.definition, currency),
        monthlyPrice(from.definition, currency),
      )
  if (difference === 0) return 'lateral'
  return difference > 0 ? 'upgrade' : 'downgrade'
}

/**
 * What a customer has committed to pay per month once all trials and introductory phases are over: recurring fees and
 * agreed minimums after the plan's discounts, in major units. A year has 12 months, 52 weeks or 365 days.
 */
export function monthlyPrice({ phases }: PlanDefinition, currency: Currency): Fraction {
  const cards = phases.at(-1)?.rateCards ?? []
  return sumFractions(cards.map((card) => monthlyPriceOf(card, currency)))
}

function monthlyPriceOf(card: RateCard, currency: Currency): Fraction {
  if (card.billingCadence === null) return FRACTION_ZERO
  const perPeriod = committedPerPeriod(card, currency)
  return multiplyFractions(perPeriod, periodsPerMonth(card.billingCadence))
}

function committedPerPeriod(card: RateCard, currency: Currency): Fraction {
  const price = priceIn(card, currency)
  if (price?.type === 'flat') {
    const amount = toFraction(decimal(price.amount))
    return applyDiscounts(amount, cardDiscounts(card.discounts, currency), FRACTION_ONE).amount
  }
  const minimum = card.commitments?.[currency]?.minimum ?? null
  return minimum === null ? FRACTION_ZERO : toFraction(decimal(minimum))
}

function periodsPerMonth(cadence: string): Fraction {
  const length = duration(cadence)
  if ('months' in length) return fraction(1, length.months)
  const weekMs = 7 * DAY_MS
  return length.ms % weekMs === 0
    ? fraction(52n * BigInt(weekMs), 12n * BigInt(length.ms))
    : fraction(365n * BigInt(DAY_MS), 12n * BigInt(length.ms))
}

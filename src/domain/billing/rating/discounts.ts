import type { Currency } from '../../../kit/currency.ts'
import { decimal } from '../../../kit/decimal.ts'
import {
  divideFractions,
  type Fraction,
  formatFraction,
  fraction,
  FRACTION_ONE,
  FRACTION_ZERO,
  maxFraction,
  multiplyFractions,
  subtractFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { RateCardDiscount } from '../../catalog/plan.ts'
import type { DiscountStep } from '../derivation.ts'

/** A discount on one line, whether the plan or a coupon gives it. */
export interface LineDiscount {
  readonly name: string
  readonly discount: DiscountStep['discount']
}

export interface Discounted {
  readonly amount: Fraction
  readonly steps: readonly DiscountStep[]
}

/**
 * One discount after the other, each on what the one before left, never below zero. An amount is for a whole period;
 * `share` is the part of the period the line is for.
 */
export function applyDiscounts(
  amount: Fraction,
  discounts: readonly LineDiscount[],
  share: Fraction,
): Discounted {
  let left = amount
  const steps = discounts.map(({ name, discount }): DiscountStep => {
    left = maxFraction(FRACTION_ZERO, applyDiscount(left, discount, share))
    return { kind: 'discount', name, discount, amount: formatFraction(left) }
  })
  return { amount: left, steps }
}

export const PLAN_DISCOUNT = 'Plan discount'

/** The plan's discounts on a card, in the currency of the invoice. */
export function cardDiscounts(
  discounts: readonly RateCardDiscount[],
  currency: Currency,
): LineDiscount[] {
  return discounts.map((discount) => ({
    name: PLAN_DISCOUNT,
    discount:
      discount.type === 'percentage'
        ? discount
        : { type: 'amount', amount: discount.amounts[currency] ?? '0' },
  }))
}

function applyDiscount(
  amount: Fraction,
  discount: DiscountStep['discount'],
  share: Fraction,
): Fraction {
  if (discount.type === 'amount') {
    return subtractFractions(amount, multiplyFractions(toFraction(decimal(discount.amount)), share))
  }
  const off = divideFractions(toFraction(decimal(discount.percent)), fraction(100))
  return multiplyFractions(amount, subtractFractions(FRACTION_ONE, off))
}

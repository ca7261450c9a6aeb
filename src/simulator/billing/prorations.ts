import type { BillingPeriod } from './periods.ts'
import { chargeStep, roundToCharge } from './rounding.ts'

/** An amount for the rest of a period, by seconds. */
export function remainingShare(
  amount: number,
  period: BillingPeriod,
  from: number,
  currency: string,
): number {
  const whole = period.end - period.start
  const rest = Math.min(Math.max(period.end - from, 0), whole)
  if (whole <= 0) return 0
  return shareOf(amount, rest, whole, currency)
}

export function shareOf(amount: number, part: number, whole: number, currency: string): number {
  return roundToCharge(BigInt(amount) * BigInt(part), BigInt(whole), currency)
}

/**
 * Splits a whole over parts in proportion: each gets its share rounded down, the last one the rest, so that nothing is
 * lost. 500 over 1000 and 2000 is 166 and 334.
 */
export function distribute(
  whole: number,
  weights: readonly number[],
  currency: string,
): readonly number[] {
  const step = chargeStep(currency)
  const total = weights.reduce((sum, weight) => sum + weight, 0)
  if (total === 0) return weights.map(() => 0)
  const last = weights.findLastIndex((weight) => weight !== 0)
  let given = 0
  return weights.map((weight, index) => {
    if (index === last) return whole - given
    const exact = Number((BigInt(whole) * BigInt(weight)) / BigInt(total))
    const share = exact - (exact % step)
    given += share
    return share
  })
}

import { stripeFactor, stripeIncrement } from '../../kit/currency.ts'
import { invalidRequest } from '../wire/errors.ts'
import { divideRounded, type Exact, multiply, ONE } from '../../kit/decimal.ts'

/** The least step of what can be charged, in Stripe's minor units: ten fils, a hundred of what is written for a króna. */
export function chargeStep(currency: string): number {
  return Number(stripeIncrement(currency))
}

/** Refuses what no bank books: a single fils, an eyrir. */
export function checkChargeStep(amount: number, currency: string): void {
  const step = chargeStep(currency)
  if (amount % step === 0) return
  throw invalidRequest({
    ...(stripeFactor(currency) === 1n
      ? {}
      : { code: 'invalid_charge_amount_no_decimal_compatible' }),
    message: `Invalid amount: charges in ${currency} must be divisible by ${step}.`,
    param: 'amount',
  })
}

/** What is worked out, as an amount that can be charged: rounded once, half away from zero. */
export function roundToCharge(numerator: bigint, denominator: bigint, currency: string): number {
  const step = chargeStep(currency)
  return Number(divideRounded(numerator, denominator * BigInt(step))) * step
}

/** Of an exact number of minor units. */
export function roundExactToCharge(exact: Exact, currency: string): number {
  return roundToCharge(exact, multiply(ONE, ONE), currency)
}

import { chargeIncrementMinor, type Currency, fractionDigits } from '../../../kit/currency.ts'
import { formatDecimal } from '../../../kit/decimal.ts'
import {
  type Fraction,
  formatFraction,
  fraction,
  fractionToDecimal,
  roundFraction,
} from '../../../kit/fraction.ts'
import type { RoundingStep } from '../derivation.ts'

/** An amount of minor units as an exact number of major ones. */
export function fromMinor(amountMinor: bigint, currency: Currency): Fraction {
  return fraction(amountMinor, 10n ** BigInt(fractionDigits(currency)))
}

/**
 * The one rounding of a line: half away from zero, to what can be charged in the currency. That is the minor unit, but
 * for three-decimal currencies ten of them, so that a line is the same amount with us and with Stripe.
 */
export function roundToCharge(amount: Fraction, currency: Currency): bigint {
  const increment = chargeIncrementMinor(currency)
  return roundFraction(amount, 10n ** BigInt(fractionDigits(currency)) / increment) * increment
}

export function roundingStep(before: Fraction, currency: Currency): RoundingStep {
  const after = fromMinor(roundToCharge(before, currency), currency)
  const to = fromMinor(chargeIncrementMinor(currency), currency)
  return {
    kind: 'rounding',
    before: formatFraction(before),
    to: formatDecimal(fractionToDecimal(to)),
    amount: formatFraction(after),
  }
}

import type { Currency } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import {
  addFractions,
  divideFractions,
  fraction,
  FRACTION_ONE,
  multiplyFractions,
  toFraction,
} from '../../kit/fraction.ts'
import { fromMinor, roundToCharge } from './rating/rounding.ts'

/** A rate that is known here. Where Stripe Tax computes it, there is none and Stripe's invoice has the last word. */
export interface TaxRate {
  readonly name: string
  /** `19` is 19 %. */
  readonly percent: string
  /** Inclusive prices contain the tax, exclusive ones get it on top. */
  readonly behavior: 'exclusive' | 'inclusive'
}

export interface Tax extends TaxRate {
  readonly taxableMinor: bigint
  readonly amountMinor: bigint
  /** What it adds to the total: nothing when prices contain it. */
  readonly addedMinor: bigint
}

/** Tax on what is left after discounts and credits, rounded once for the invoice. Credits to the customer reduce it. */
export function taxOn(taxableMinor: bigint, rate: TaxRate | null, currency: Currency): Tax | null {
  if (rate === null) return null
  const share = divideFractions(toFraction(decimal(rate.percent)), fraction(100))
  const ofAmount =
    rate.behavior === 'exclusive'
      ? share
      : divideFractions(share, addFractions(FRACTION_ONE, share))
  const amount = multiplyFractions(fromMinor(taxableMinor, currency), ofAmount)
  const amountMinor = roundToCharge(amount, currency)
  return {
    ...rate,
    taxableMinor,
    amountMinor,
    addedMinor: rate.behavior === 'exclusive' ? amountMinor : 0n,
  }
}

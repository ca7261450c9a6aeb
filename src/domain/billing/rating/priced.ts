import type { Decimal } from '../../../kit/decimal.ts'
import { type Fraction, multiplyFractions, toFraction } from '../../../kit/fraction.ts'
import type { PriceStep } from '../derivation.ts'

/** What a price model makes of usage: an exact amount in major units, and how it came about. */
export interface Priced {
  readonly amount: Fraction
  readonly step: PriceStep
}

/** Usage as a price model sees it: converted, and without what is included or already covered. */
export interface BillableUsage {
  readonly quantity: Decimal
  readonly eventCount: bigint
  /** The quantity by the price's dimensions; one cell without values where it has none. */
  readonly cells: readonly BillableCell[]
  readonly eventValues: readonly { readonly value: Decimal; readonly count: bigint }[]
}

export interface BillableCell {
  readonly values: readonly string[]
  readonly quantity: Decimal
}

export function times(quantity: Decimal, amount: Decimal): Fraction {
  return multiplyFractions(toFraction(quantity), toFraction(amount))
}

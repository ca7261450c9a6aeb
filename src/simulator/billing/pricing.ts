import {
  type Decimal,
  decimal,
  formatDecimal,
  minDecimal,
  multiply,
  subtract,
  ZERO,
} from '../../kit/decimal.ts'
import type { Terms } from '../catalog/price-terms.ts'
import { roundExactToCharge } from './rounding.ts'

export interface Pricing {
  readonly terms: Terms
  readonly tiersMode: 'graduated' | 'volume' | null
  readonly transform: { readonly divide_by: number; readonly round: 'up' | 'down' } | null
}

/** One line's worth of a quantity: all of it, or the slice within a tier, or a tier's flat fee. */
export interface RatedPart {
  /** In Stripe's minor units, rounded once to what can be charged. */
  readonly amount: number
  readonly quantity: Decimal
  readonly unitAmountDecimal: string
  /** 1 for the first tier; null for prices without tiers. */
  readonly tier: number | null
  readonly isFlatFee: boolean
}

/** What a quantity costs. The parts add up to the price: nothing is rounded again. */
export function ratePrice(pricing: Pricing, quantity: Decimal): readonly RatedPart[] {
  const { terms } = pricing
  if (terms.tiers === null) {
    const unit = terms.unitAmountDecimal ?? '0'
    return [unitPart(terms, transformed(pricing, quantity), quantity, unit, null)]
  }
  return pricing.tiersMode === 'volume'
    ? rateVolume(pricing, quantity)
    : rateGraduated(pricing, quantity)
}

export function totalOf(parts: readonly RatedPart[]): number {
  return parts.reduce((sum, part) => sum + part.amount, 0)
}

/** `transform_quantity`: packages instead of pieces, counted before the price applies. */
function transformed({ transform }: Pricing, quantity: Decimal): Decimal {
  if (transform === null) return quantity
  const size = decimal(transform.divide_by)
  const packages = quantity / size
  const hasRest = quantity % size !== 0n
  return decimal(transform.round === 'up' && hasRest ? packages + 1n : packages)
}

/** Each tier prices its own slice; the flat fee of every tier that is entered is due. */
function rateGraduated({ terms }: Pricing, quantity: Decimal): readonly RatedPart[] {
  const parts: RatedPart[] = []
  let from = ZERO
  for (const [index, tier] of (terms.tiers ?? []).entries()) {
    const isFirst = index === 0
    if (quantity <= from && !isFirst) break
    const upTo = tier.up_to === null ? quantity : minDecimal(quantity, decimal(tier.up_to))
    const slice = quantity <= from ? ZERO : subtract(upTo, from)
    parts.push(unitPart(terms, slice, slice, tier.unit_amount_decimal ?? '0', index + 1))
    if (tier.flat_amount_decimal !== null && slice > 0n) {
      parts.push(flatPart(terms, tier.flat_amount_decimal, index + 1))
    }
    from = tier.up_to === null ? quantity : decimal(tier.up_to)
  }
  return parts
}

/** The tier the total falls into prices all of it; its flat fee is due once. */
function rateVolume({ terms }: Pricing, quantity: Decimal): readonly RatedPart[] {
  const tiers = terms.tiers ?? []
  const index = tiers.findIndex((tier) => tier.up_to === null || quantity <= decimal(tier.up_to))
  const tier = tiers[index]
  if (tier === undefined) throw new Error('The last tier must reach to infinity')
  const parts = [unitPart(terms, quantity, quantity, tier.unit_amount_decimal ?? '0', index + 1)]
  if (tier.flat_amount_decimal !== null && quantity > 0n) {
    parts.push(flatPart(terms, tier.flat_amount_decimal, index + 1))
  }
  return parts
}

function unitPart(
  { currency }: Terms,
  billed: Decimal,
  shown: Decimal,
  unitAmountDecimal: string,
  tier: number | null,
): RatedPart {
  const exact = multiply(billed, decimal(unitAmountDecimal))
  return {
    amount: roundExactToCharge(exact, currency),
    quantity: shown,
    unitAmountDecimal,
    tier,
    isFlatFee: false,
  }
}

function flatPart({ currency }: Terms, flatAmountDecimal: string, tier: number): RatedPart {
  const one = decimal(1)
  return {
    amount: roundExactToCharge(multiply(one, decimal(flatAmountDecimal)), currency),
    quantity: one,
    unitAmountDecimal: flatAmountDecimal,
    tier,
    isFlatFee: true,
  }
}

/** Stripe's `quantity` is whole; the precise one stands in `quantity_decimal`. */
export function wholeQuantity(quantity: Decimal): number {
  return Number(formatDecimal(quantity).split('.')[0])
}

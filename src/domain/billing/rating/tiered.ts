import {
  add,
  type Decimal,
  decimal,
  formatDecimal,
  maxDecimal,
  minDecimal,
  subtract,
  ZERO,
} from '../../../kit/decimal.ts'
import {
  addFractions,
  type Fraction,
  formatFraction,
  FRACTION_ZERO,
  multiplyFractions,
  sumFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { PriceTier, TieredPrice } from '../../catalog/plan.ts'
import type { TierStep } from '../derivation.ts'
import { type Priced, times } from './priced.ts'

export interface TierContext {
  /** Units below this are included by the first, free tier and do not count; zero, or that tier's bound. */
  readonly position: Decimal
  /** The part of the period, which the first tier's flat price, a base fee, is charged for. */
  readonly share: Fraction
}

interface Slice {
  readonly amount: Fraction
  readonly step: TierStep
}

/**
 * Graduated: each unit at the price of the tier it falls into. Volume: all units at the price of the tier reached.
 * The first tier's flat price is a base fee and due without any usage; a later one's when the tier is entered.
 */
export function rateTiered(price: TieredPrice, quantity: Decimal, context: TierContext): Priced {
  const slices =
    price.mode === 'graduated'
      ? graduated(price.tiers, quantity, context)
      : [volume(price.tiers, quantity, context)]
  const amount = sumFractions(slices.map((slice) => slice.amount))
  return {
    amount,
    step: {
      kind: price.mode,
      quantity: formatDecimal(quantity),
      tiers: slices.map(({ step }) => step),
      amount: formatFraction(amount),
    },
  }
}

/**
 * Where the allowance ends when the price itself contains it, as a first tier without a unit price. Volume prices
 * cannot: leaving such a tier would charge the included units after all.
 */
export function freeTierBound({ mode, tiers }: TieredPrice): Decimal | undefined {
  const [first, second] = tiers
  if (mode === 'volume' || first === undefined || second === undefined) return undefined
  if (first.upToAmount === null || unitPriceOf(first) !== ZERO) return undefined
  return decimal(first.upToAmount)
}

function graduated(
  tiers: readonly PriceTier[],
  quantity: Decimal,
  { position, share }: TierContext,
): Slice[] {
  const slices: Slice[] = []
  const end = add(position, quantity)
  let lower = ZERO
  for (const [i, tier] of tiers.entries()) {
    const upper = tier.upToAmount === null ? end : minDecimal(decimal(tier.upToAmount), end)
    const units = maxDecimal(ZERO, subtract(upper, maxDecimal(lower, position)))
    const isEntered = i === 0 ? tier.flatPrice !== null || units > ZERO : end > lower
    if (isEntered) slices.push(slice(tier, lower, units, i === 0 ? share : null))
    if (tier.upToAmount === null) break
    lower = decimal(tier.upToAmount)
  }
  return slices
}

function volume(tiers: readonly PriceTier[], quantity: Decimal, { share }: TierContext): Slice {
  let lower = ZERO
  for (const [i, tier] of tiers.entries()) {
    if (tier.upToAmount === null || quantity <= decimal(tier.upToAmount)) {
      return slice(tier, lower, quantity, i === 0 ? share : null)
    }
    lower = decimal(tier.upToAmount)
  }
  throw new RangeError('The last tier of a price has to be open-ended')
}

function slice(tier: PriceTier, lower: Decimal, units: Decimal, share: Fraction | null): Slice {
  const unitPrice = unitPriceOf(tier)
  const amount = addFractions(times(units, unitPrice), flatOf(tier, share))
  return {
    amount,
    step: {
      fromAmount: formatDecimal(lower),
      upToAmount: tier.upToAmount,
      quantity: formatDecimal(units),
      unitAmount: formatDecimal(unitPrice),
      flatAmount: tier.flatPrice === null ? null : formatFraction(flatOf(tier, share)),
      amount: formatFraction(amount),
    },
  }
}

function flatOf(tier: PriceTier, share: Fraction | null): Fraction {
  if (tier.flatPrice === null) return FRACTION_ZERO
  const flat = toFraction(decimal(tier.flatPrice))
  return share === null ? flat : multiplyFractions(flat, share)
}

function unitPriceOf(tier: PriceTier): Decimal {
  return tier.unitPrice === null ? ZERO : decimal(tier.unitPrice)
}

import { type Decimal, multiply } from '../../kit/decimal.ts'
import { distribute } from './prorations.ts'
import { roundExactToCharge } from './rounding.ts'

/** What a coupon takes off: a part or an amount, of everything or of some products. */
export interface DiscountRule {
  readonly id: string
  /** Percent as an exact decimal: 12.5 is 12.5 %. */
  readonly percentOff: Decimal | null
  /** In the invoice's currency; null for a coupon without an amount in it. */
  readonly amountOff: number | null
  readonly products: readonly string[] | null
}

export interface DiscountableLine {
  readonly amount: number
  readonly isDiscountable: boolean
  readonly product: string | null
  /** Discounts of this line alone, applied before those of the invoice. */
  readonly ownRules: readonly DiscountRule[]
}

export interface AppliedDiscount {
  readonly discount: string
  readonly amount: number
}

/**
 * Spreads discounts over lines, one after the other: each sees what those before it left. A percentage is rounded once over
 * its lines, not line by line; no discount makes a line negative.
 */
export function applyDiscounts(
  lines: readonly DiscountableLine[],
  invoiceRules: readonly DiscountRule[],
  currency: string,
): readonly (readonly AppliedDiscount[])[] {
  const applied: AppliedDiscount[][] = lines.map(() => [])
  const left = lines.map(({ amount }) => amount)

  function apply(
    rule: DiscountRule,
    isConcerned: (line: DiscountableLine, index: number) => boolean,
  ): void {
    const weights = lines.map((line, index) => {
      const covers =
        rule.products === null || (line.product !== null && rule.products.includes(line.product))
      const rest = left[index] ?? 0
      return line.isDiscountable && covers && isConcerned(line, index) && rest > 0 ? rest : 0
    })
    const base = weights.reduce((sum, weight) => sum + weight, 0)
    const shares = distribute(amountOf(rule, base, currency), weights, currency)
    for (const [index, share] of shares.entries()) {
      if (weights[index] === 0) continue
      applied[index]?.push({ discount: rule.id, amount: share })
      left[index] = (left[index] ?? 0) - share
    }
  }

  for (const [index, line] of lines.entries()) {
    for (const rule of line.ownRules) apply(rule, (_, other) => other === index)
  }
  for (const rule of invoiceRules) apply(rule, () => true)
  return applied
}

function amountOf(rule: DiscountRule, base: number, currency: string): number {
  if (rule.percentOff !== null) return percentOf(base, rule.percentOff, currency)
  return Math.min(rule.amountOff ?? 0, base)
}

export function percentOf(amount: number, percent: Decimal, currency: string): number {
  const exact = multiply(percent, (BigInt(amount) * 10n ** 10n) as Decimal)
  return roundExactToCharge(exact, currency)
}

import { type Decimal, decimal } from '../../kit/decimal.ts'
import { percentOf } from './discounting.ts'
import { distribute } from './prorations.ts'
import { roundToCharge } from './rounding.ts'

export interface TaxRule {
  readonly id: string
  readonly percentage: Decimal
  readonly isInclusive: boolean
}

export interface AppliedTax {
  readonly rate: string
  readonly amount: number
  readonly taxable: number
  readonly isInclusive: boolean
}

/** Taxes of one line, each rounded once. Inclusive rates are taken out of the amount together, exclusive ones come on top. */
export function applyTaxes(
  amount: number,
  rules: readonly TaxRule[],
  currency: string,
): readonly AppliedTax[] {
  const inclusive = rules.filter((rule) => rule.isInclusive)
  const inclusivePercent = inclusive.reduce((sum, rule) => sum + rule.percentage, 0n) as Decimal
  const net = withoutPercent(amount, inclusivePercent, currency)
  const contained = distribute(
    amount - net,
    inclusive.map((rule) => Number(rule.percentage)),
    currency,
  )
  return rules.map((rule) => ({
    rate: rule.id,
    amount: rule.isInclusive
      ? (contained[inclusive.indexOf(rule)] ?? 0)
      : percentOf(net, rule.percentage, currency),
    taxable: net,
    isInclusive: rule.isInclusive,
  }))
}

const HUNDRED = decimal(100)

function withoutPercent(amount: number, percent: Decimal, currency: string): number {
  return roundToCharge(BigInt(amount) * HUNDRED, HUNDRED + percent, currency)
}

import { type Decimal, decimal, divideRounded } from '../../kit/decimal.ts'
import { percentOf } from './discounting.ts'
import { distribute } from './prorations.ts'

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
export function applyTaxes(amount: number, rules: readonly TaxRule[]): readonly AppliedTax[] {
  const inclusive = rules.filter((rule) => rule.isInclusive)
  const inclusivePercent = inclusive.reduce((sum, rule) => sum + rule.percentage, 0n) as Decimal
  const net = withoutPercent(amount, inclusivePercent)
  const contained = distribute(
    amount - net,
    inclusive.map((rule) => Number(rule.percentage)),
  )
  return rules.map((rule) => ({
    rate: rule.id,
    amount: rule.isInclusive
      ? (contained[inclusive.indexOf(rule)] ?? 0)
      : percentOf(net, rule.percentage),
    taxable: net,
    isInclusive: rule.isInclusive,
  }))
}

const HUNDRED = decimal(100)

function withoutPercent(amount: number, percent: Decimal): number {
  return Number(divideRounded(BigInt(amount) * HUNDRED, HUNDRED + percent))
}

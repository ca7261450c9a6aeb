import {
  add,
  type Decimal,
  maxDecimal,
  minDecimal,
  ONE,
  subtract,
  ZERO,
} from '../../kit/decimal.ts'
import { fractionToDecimal, multiplyFractions, toFraction } from '../../kit/fraction.ts'

/** What a metered feature can be paid with at this moment, each already known to apply to it. */
export interface ConsumptionSources {
  /** Left of the plan's quota in the current window; null is unlimited. */
  readonly allowance: Decimal | null
  readonly unitGrants: Decimal
  readonly customCredits: CreditRate | null
  readonly money: CreditRate | null
  /** Whether what remains may go on the invoice. */
  readonly isOverageBilled: boolean
}

export interface CreditRate {
  readonly available: Decimal
  /** Credits, or major units of money, for one unit of the feature: a credit system's burn rate, a unit price. */
  readonly perUnit: Decimal
}

export type Consumption =
  | {
      readonly kind: 'covered'
      readonly allowanceUnits: Decimal
      readonly grantUnits: Decimal
      readonly customUnits: Decimal
      readonly customCredits: Decimal
      readonly moneyUnits: Decimal
      readonly money: Decimal
      /** For the invoice. */
      readonly overageUnits: Decimal
    }
  | { readonly kind: 'refused'; readonly code: 'insufficient_credits'; readonly uncovered: Decimal }

/**
 * What pays for units of a metered feature, in this order: the plan's allowance, because it expires first; grants of
 * the feature itself; the operator's own credits; money; and last the invoice, or a refusal.
 */
export function decideConsumption(units: Decimal, sources: ConsumptionSources): Consumption {
  const { allowance, unitGrants, customCredits, money, isOverageBilled } = sources
  const allowanceUnits = allowance === null ? units : minDecimal(units, positive(allowance))
  const afterAllowance = subtract(units, allowanceUnits)
  const grantUnits = minDecimal(afterAllowance, positive(unitGrants))
  const afterGrants = subtract(afterAllowance, grantUnits)
  const customUnits = affordable(afterGrants, customCredits)
  const afterCustom = subtract(afterGrants, customUnits)
  const moneyUnits = affordable(afterCustom, money)
  const overageUnits = subtract(afterCustom, moneyUnits)
  if (overageUnits > ZERO && !isOverageBilled) {
    return { kind: 'refused', code: 'insufficient_credits', uncovered: overageUnits }
  }
  return {
    kind: 'covered',
    allowanceUnits,
    grantUnits,
    customUnits,
    customCredits: cost(customUnits, customCredits),
    moneyUnits,
    money: cost(moneyUnits, money),
    overageUnits,
  }
}

/** Units of several features in an operator's own credits: 2 CPU-hours at 0.5 and 1 GPU-hour at 10 are 11. */
export function creditsFor(
  usage: readonly { readonly units: Decimal; readonly perUnit: Decimal }[],
): Decimal {
  return usage.reduce((sum, { units, perUnit }) => add(sum, product(units, perUnit)), ZERO)
}

/** How many of the units the balance pays for; rounded down at the twelfth digit, so never more than it can. */
function affordable(units: Decimal, rate: CreditRate | null): Decimal {
  if (rate === null || rate.available <= ZERO) return ZERO
  if (product(units, rate.perUnit) <= rate.available) return units
  return ((rate.available * ONE) / rate.perUnit) as Decimal
}

function cost(units: Decimal, rate: CreditRate | null): Decimal {
  return rate === null ? ZERO : product(units, rate.perUnit)
}

function product(a: Decimal, b: Decimal): Decimal {
  return fractionToDecimal(multiplyFractions(toFraction(a), toFraction(b)))
}

function positive(value: Decimal): Decimal {
  return maxDecimal(ZERO, value)
}

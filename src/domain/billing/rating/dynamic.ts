import { type Decimal, decimal, formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { DynamicPrice } from '../../catalog/plan.ts'
import { type Priced, times } from './priced.ts'

/** The events brought their prices along; the meter summed them, the plan marks them up. */
export function rateDynamic(price: DynamicPrice, sum: Decimal): Priced {
  const amount = times(sum, decimal(price.multiplier))
  return {
    amount,
    step: {
      kind: 'dynamic',
      sum: formatDecimal(sum),
      multiplier: price.multiplier,
      amount: formatFraction(amount),
    },
  }
}

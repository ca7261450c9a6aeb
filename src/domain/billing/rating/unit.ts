import { type Decimal, decimal, formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { UnitPrice } from '../../catalog/plan.ts'
import { type Priced, times } from './priced.ts'

export function rateUnit(price: UnitPrice, quantity: Decimal): Priced {
  const amount = times(quantity, decimal(price.amount))
  return {
    amount,
    step: {
      kind: 'unit',
      quantity: formatDecimal(quantity),
      unitAmount: price.amount,
      amount: formatFraction(amount),
    },
  }
}

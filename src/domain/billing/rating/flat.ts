import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { FlatPrice } from '../../catalog/plan.ts'
import { type Priced, times } from './priced.ts'

/** A fee, `count` times: a monthly fee is charged twelve times on a yearly invoice. */
export function rateFlat(price: FlatPrice, count: number): Priced {
  const amount = times(decimal(count), decimal(price.amount))
  return {
    amount,
    step: {
      kind: 'flat',
      count: formatDecimal(decimal(count)),
      flatAmount: price.amount,
      amount: formatFraction(amount),
    },
  }
}

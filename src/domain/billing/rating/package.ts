import { assertNever } from '../../../kit/assert.ts'
import { ceilDivide, type Decimal, decimal, formatDecimal } from '../../../kit/decimal.ts'
import {
  divideFractions,
  type Fraction,
  formatFraction,
  fraction,
  multiplyFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { PackagePrice } from '../../catalog/plan.ts'
import type { Priced } from './priced.ts'

/** Whole packages, counted up unless the plan says otherwise: a package is charged as soon as it is opened. */
export function ratePackage(price: PackagePrice, quantity: Decimal): Priced {
  const packages = packagesIn(price, quantity)
  const amount = multiplyFractions(packages, toFraction(decimal(price.amount)))
  return {
    amount,
    step: {
      kind: 'package',
      quantity: formatDecimal(quantity),
      quantityPerPackage: price.quantityPerPackage,
      rounding: price.rounding,
      packages: formatFraction(packages),
      packageAmount: price.amount,
      amount: formatFraction(amount),
    },
  }
}

function packagesIn(price: PackagePrice, quantity: Decimal): Fraction {
  const size = decimal(price.quantityPerPackage)
  switch (price.rounding) {
    case 'up':
      return fraction(ceilDivide(quantity, size))
    case 'down':
      return fraction(quantity / size)
    case 'exact':
      return divideFractions(toFraction(quantity), toFraction(size))
    default:
      return assertNever(price.rounding)
  }
}

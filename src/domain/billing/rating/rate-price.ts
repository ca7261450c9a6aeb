import { assertNever } from '../../../kit/assert.ts'
import type { Price } from '../../catalog/plan.ts'
import { rateDynamic } from './dynamic.ts'
import { rateMatrix } from './matrix.ts'
import { ratePackage } from './package.ts'
import { ratePercentage } from './percentage.ts'
import type { BillableUsage, Priced } from './priced.ts'
import { rateTiered, type TierContext } from './tiered.ts'
import { rateUnit } from './unit.ts'

export type UsagePrice = Exclude<Price, { readonly type: 'flat' }>

/** What usage costs at a price: exact, before discounts and before the line's rounding. */
export function ratePrice(price: UsagePrice, usage: BillableUsage, tiers: TierContext): Priced {
  switch (price.type) {
    case 'unit':
      return rateUnit(price, usage.quantity)
    case 'tiered':
      return rateTiered(price, usage.quantity, tiers)
    case 'package':
      return ratePackage(price, usage.quantity)
    case 'percentage':
      return ratePercentage(price, usage)
    case 'dynamic':
      return rateDynamic(price, usage.quantity)
    case 'matrix':
      return rateMatrix(price, usage.cells)
    default:
      return assertNever(price)
  }
}

import { type Decimal, decimal, formatDecimal } from '../../../kit/decimal.ts'
import {
  addFractions,
  compareFractions,
  divideFractions,
  type Fraction,
  formatFraction,
  fraction,
  FRACTION_ZERO,
  multiplyFractions,
  sumFractions,
  toFraction,
} from '../../../kit/fraction.ts'
import type { PercentagePrice } from '../../catalog/plan.ts'
import type { BillableUsage, Priced } from './priced.ts'

const HUNDRED = fraction(100)

/**
 * A share of the amounts the meter summed, plus a fixed amount per event. Bounds hold for each event, fixed amount
 * included, so they are worked out on the events' values and cannot be on the sum.
 */
export function ratePercentage(price: PercentagePrice, usage: BillableUsage): Priced {
  const isBounded = price.minimumPerEvent !== null || price.maximumPerEvent !== null
  const { amount, raised, lowered } = isBounded ? rateEvents(price, usage) : rateSum(price, usage)
  return {
    amount,
    step: {
      kind: 'percentage',
      sum: formatDecimal(usage.quantity),
      rate: price.rate,
      eventCount: String(usage.eventCount),
      fixedPerEvent: price.fixedPerEvent,
      minimumPerEvent: price.minimumPerEvent,
      maximumPerEvent: price.maximumPerEvent,
      raisedToMinimum: String(raised),
      loweredToMaximum: String(lowered),
      amount: formatFraction(amount),
    },
  }
}

interface Rated {
  readonly amount: Fraction
  readonly raised: bigint
  readonly lowered: bigint
}

function rateSum(price: PercentagePrice, { quantity, eventCount }: BillableUsage): Rated {
  const fixed = multiplyFractions(fraction(eventCount), fixedOf(price))
  return { amount: addFractions(share(price, quantity), fixed), raised: 0n, lowered: 0n }
}

function rateEvents(price: PercentagePrice, { eventValues }: BillableUsage): Rated {
  const minimum = optional(price.minimumPerEvent)
  const maximum = optional(price.maximumPerEvent)
  const amounts: Fraction[] = []
  let raised = 0n
  let lowered = 0n
  for (const { value, count } of eventValues) {
    let each = addFractions(share(price, value), fixedOf(price))
    if (minimum !== null && compareFractions(each, minimum) < 0) {
      each = minimum
      raised += count
    } else if (maximum !== null && compareFractions(each, maximum) > 0) {
      each = maximum
      lowered += count
    }
    amounts.push(multiplyFractions(each, fraction(count)))
  }
  return { amount: sumFractions(amounts), raised, lowered }
}

function share(price: PercentagePrice, value: Decimal): Fraction {
  const rate = divideFractions(toFraction(decimal(price.rate)), HUNDRED)
  return multiplyFractions(toFraction(value), rate)
}

function fixedOf({ fixedPerEvent }: PercentagePrice): Fraction {
  return optional(fixedPerEvent) ?? FRACTION_ZERO
}

function optional(amount: string | null): Fraction | null {
  return amount === null ? null : toFraction(decimal(amount))
}

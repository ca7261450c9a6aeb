import { type Decimal, decimal, divide, ZERO } from '../../kit/decimal.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Feature } from '../catalog/meter.ts'
import type { PlanPhase, Price, RateCard } from '../catalog/plan.ts'

/**
 * What one more unit costs, without what is included, fees, discounts and credits. Budgets in money count at this price:
 * it is known before the call and the same for every key, whoever comes first in a period. Among several prices the
 * dearest counts, so that a budget is rather used up early than late.
 */
export function listPrices(
  phase: PlanPhase,
  features: ReadonlyMap<string, Feature>,
  currency: Currency,
): Record<string, Decimal> {
  const prices: Record<string, Decimal> = {}
  for (const card of phase.rateCards) {
    const meterKey = card.featureKey === null ? null : features.get(card.featureKey)?.meterKey
    const price = card.prices?.[currency]
    if (!meterKey || price === undefined) continue
    prices[meterKey] = ((prices[meterKey] ?? ZERO) + perMeterUnit(card, price)) as Decimal
  }
  return prices
}

/** A card may sell other units than the meter counts: millions of tokens. */
function perMeterUnit({ conversion }: RateCard, price: Price): Decimal {
  const perSoldUnit = priceOf(price)
  if (conversion === null) return perSoldUnit
  const factor = decimal(conversion.factor)
  return conversion.operation === 'multiply'
    ? (((perSoldUnit * factor) / 10n ** 12n) as Decimal)
    : divide(perSoldUnit, factor)
}

function priceOf(price: Price): Decimal {
  switch (price.type) {
    case 'flat':
      return ZERO
    case 'unit':
      return decimal(price.amount)
    case 'package':
      return divide(decimal(price.amount), decimal(price.quantityPerPackage))
    case 'tiered':
      return dearest(price.tiers.map(({ unitPrice }) => unitPrice ?? '0'))
    case 'percentage':
      return divide(decimal(price.rate), decimal(100))
    case 'dynamic':
      return decimal(price.multiplier)
    case 'matrix':
      return dearest([price.defaultAmount, ...price.cells.map(({ amount }) => amount)])
  }
}

function dearest(amounts: readonly string[]): Decimal {
  return amounts.map(decimal).reduce((most, next) => (next > most ? next : most), ZERO)
}

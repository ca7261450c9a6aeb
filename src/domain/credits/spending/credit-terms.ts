import type { Currency } from '../../../kit/currency.ts'
import { type Decimal, decimal, divide, formatDecimal, ZERO } from '../../../kit/decimal.ts'
import { fractionToDecimal, multiplyFractions, toFraction } from '../../../kit/fraction.ts'
import type { Feature } from '../../catalog/meter.ts'
import type { PlanDefinition, PlanPhase, Price, RateCard } from '../../catalog/plan.ts'
import type { Subscription } from '../../subscriptions/subscription.ts'
import { unitText } from '../unit-text.ts'

/** How usage of a metered feature may be paid with credits under a plan. */
export interface CreditRule {
  readonly featureKey: string
  readonly meterKey: string
  /** What one unit costs in each kind of credits, in the order they are used: the feature's own, custom ones, money. */
  readonly rates: readonly UnitRate[]
  /** What credits do not cover goes on the invoice. Otherwise it is refused. */
  readonly isOverageBilled: boolean
  /** The plan is paid with credits and nothing else, so that the rule holds whether or not there are any. */
  readonly isCreditOnly: boolean
}

export interface UnitRate {
  /** `feature:requests`, `custom:credits`, `money:usd` */
  readonly unit: string
  readonly perUnit: string
}

/** Whose credits pay, and on what terms. */
export interface CreditTerms {
  readonly customerId: string
  readonly featureKey: string
  readonly rates: readonly UnitRate[]
}

/**
 * What credits may pay for under a phase. A feature without limit needs none; beyond a limit that only warns or slows
 * down nothing is paid, so credits pay nothing there either.
 */
export function creditRulesOf(
  phase: PlanPhase,
  { settlement }: Pick<PlanDefinition, 'settlement'>,
  { currency }: Pick<Subscription, 'currency'>,
  features: ReadonlyMap<string, Feature>,
): CreditRule[] {
  const isCreditOnly = settlement === 'credit_only'
  return phase.rateCards.flatMap((card) => {
    const { featureKey, entitlement, prices } = card
    const meterKey = featureKey === null ? null : features.get(featureKey)?.meterKey
    if (featureKey === null || !meterKey) return []
    const isMetered = entitlement?.type === 'metered'
    const price = prices?.[currency]
    const isPriced = price !== undefined && price.type !== 'flat'
    if (!isMetered && !isPriced && !card.creditCost) return []
    if (isMetered) {
      if (entitlement.issueAfterReset === null) return []
      if (entitlement.onLimit === 'warn' || entitlement.onLimit === 'throttle') return []
    }
    const isSoft = isMetered ? entitlement.onLimit === 'bill_overage' : isPriced
    return [
      {
        featureKey,
        meterKey,
        rates: ratesOf(card, featureKey, price, currency),
        isOverageBilled: isSoft && !isCreditOnly,
        isCreditOnly,
      },
    ]
  })
}

function ratesOf(
  card: RateCard,
  featureKey: string,
  price: Price | undefined,
  currency: Currency,
): UnitRate[] {
  const money = price === undefined ? null : moneyPerUnit(card, price)
  return [
    { unit: unitText({ kind: 'feature', featureKey }), perUnit: '1' },
    ...(card.creditCost
      ? [
          {
            unit: unitText({ kind: 'custom', creditKey: card.creditCost.creditKey }),
            perUnit: card.creditCost.perUnit,
          },
        ]
      : []),
    ...(money === null
      ? []
      : [{ unit: unitText({ kind: 'money', currency }), perUnit: formatDecimal(money) }]),
  ]
}

/**
 * What one metered unit costs while it is used. Null where that is only known once the period is over (tiers, shares of
 * an amount, discounts, rounded conversions): such usage is paid on the invoice.
 */
export function moneyPerUnit(
  { conversion, discounts }: Pick<RateCard, 'conversion' | 'discounts'>,
  price: Price,
): Decimal | null {
  if (discounts.length > 0 || (conversion !== null && conversion.rounding !== 'none')) return null
  const perPriced = perPricedUnit(price)
  if (perPriced === null || perPriced <= ZERO) return null
  if (conversion === null) return perPriced
  const factor = decimal(conversion.factor)
  return conversion.operation === 'divide'
    ? divide(perPriced, factor)
    : fractionToDecimal(multiplyFractions(toFraction(perPriced), toFraction(factor)))
}

function perPricedUnit(price: Price): Decimal | null {
  if (price.type === 'unit') return decimal(price.amount)
  if (price.type !== 'package') return null
  return divide(decimal(price.amount), decimal(price.quantityPerPackage))
}

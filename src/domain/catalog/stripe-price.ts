import { assertNever } from '../../kit/assert.ts'
import { type Currency, fractionDigits, stripeFactor, stripeIncrement } from '../../kit/currency.ts'
import { type Decimal, decimal, formatDecimal, ONE, ZERO } from '../../kit/decimal.ts'
import {
  compareFractions,
  FRACTION_ONE,
  fractionToDecimal,
  toFraction,
} from '../../kit/fraction.ts'
import { duration } from '../../kit/period.ts'
import type { StripePriceInput, StripeTierInput } from '../../stripe/catalog.ts'
import { applyDiscounts, cardDiscounts } from '../billing/rating/discounts.ts'
import { type Allowance, allowanceOf } from '../billing/rating/included-units.ts'
import type { Aggregation, Meter } from './meter.ts'
import {
  type FlatPrice,
  isUsagePrice,
  type MeteredEntitlement,
  type Price,
  type PriceTier,
  priceIn,
  type RateCard,
} from './plan.ts'

type StripeAmount = StripePriceInput['amount']
type StripeInterval = Pick<NonNullable<StripePriceInput['recurring']>, 'interval' | 'intervalCount'>

const NONE: Allowance = { kind: 'none' }
const ADDITIVE: ReadonlySet<Aggregation> = new Set(['count', 'sum'])

/**
 * How a rate card is charged through a Stripe subscription: as a Stripe price, or, where Stripe has no words for it,
 * as invoice items that we rate ourselves. Never both.
 */
export type StripeTransport =
  | {
      readonly kind: 'price'
      readonly amount: StripeAmount
      /** Null: charged once. */
      readonly interval: StripeInterval | null
      readonly isMetered: boolean
    }
  | { readonly kind: 'invoice_items'; readonly why: string }

export type PriceTransport = Extract<StripeTransport, { kind: 'price' }>

export function transportOf(
  card: RateCard,
  currency: Currency,
  /** What measures the card's feature, where somebody knows; Stripe only ever adds up. */
  meter?: Pick<Meter, 'aggregation'>,
): StripeTransport | undefined {
  const price = priceIn(card, currency)
  if (price === undefined) return undefined
  if (card.discounts.length > 0 && price.type !== 'flat') return byItems('it has a discount')
  if (card.commitments !== null) return byItems('it has a commitment')
  if (card.conversion !== null) return byItems('its units are converted')
  if (price.type === 'flat' && price.paymentTerm === 'in_arrears')
    return byItems('it is paid in arrears')
  if (meter !== undefined && !ADDITIVE.has(meter.aggregation))
    return byItems(`Stripe cannot take the ${meter.aggregation} of usage`)
  // Due without any usage and, for a part of a period, in part: what Stripe makes of it is not ours to rely on.
  if (price.type === 'tiered' && (price.tiers[0]?.flatPrice ?? null) !== null)
    return byItems('its first tier has a base fee')
  const allowance = price.type === 'flat' ? NONE : allowanceOf(card, price)
  // A limit that only warns bills nothing, so there is nothing to have a price for.
  if (allowance.kind === 'unlimited') return undefined
  const included = allowance.kind === 'units' ? allowance.units : ZERO
  if (allowance.kind === 'units' && !isRenewedWithBilling(allowance.entitlement, card)) {
    return byItems('what it includes is renewed at other times than it is billed')
  }
  // Tiers that do not contain the allowance begin behind it; Stripe's would begin at zero and charge it.
  if (price.type === 'tiered' && allowance.kind === 'units' && allowance.paidFrom === ZERO) {
    return byItems('its tiers begin behind what is included')
  }
  if (price.type !== 'flat' && stripeIncrement(currency) > 1n)
    return byItems(`usage comes to amounts that Stripe cannot charge in ${currency}`)
  const amount =
    price.type === 'flat' ? feeOf(card, price, currency) : amountOf(price, included, currency)
  if (amount === undefined) return byItems(`Stripe has no ${price.type} prices like this`)
  const interval = card.billingCadence === null ? null : intervalOf(card.billingCadence)
  if (interval === undefined) return byItems(`Stripe has no interval of ${card.billingCadence}`)
  return { kind: 'price', amount, interval, isMetered: isUsagePrice(price) }
}

function isRenewedWithBilling(
  { usagePeriod, alignment, resetUsageOnRenewal }: MeteredEntitlement,
  { billingCadence }: RateCard,
): boolean {
  return (
    usagePeriod === billingCadence && alignment === 'anniversary' && resetUsageOnRenewal !== false
  )
}

/** A fee with the plan's discounts taken off, where that comes to an amount Stripe can write down. */
function feeOf(card: RateCard, price: FlatPrice, currency: Currency): StripeAmount | undefined {
  const listed = toFraction(decimal(price.amount))
  const { amount } = applyDiscounts(listed, cardDiscounts(card.discounts, currency), FRACTION_ONE)
  const rounded = fractionToDecimal(amount)
  if (compareFractions(toFraction(rounded), amount) !== 0) return undefined
  const unitAmountDecimal = toMinor(formatDecimal(rounded), currency)
  const increment = decimal(stripeIncrement(currency))
  const isChargeable = increment === ONE || decimal(unitAmountDecimal) % increment === 0n
  return isChargeable ? { kind: 'per_unit', unitAmountDecimal } : undefined
}

function amountOf(
  price: Exclude<Price, FlatPrice>,
  included: Decimal,
  currency: Currency,
): StripeAmount | undefined {
  switch (price.type) {
    case 'unit': {
      const unitAmountDecimal = toMinor(price.amount, currency)
      if (included === ZERO) return { kind: 'per_unit', unitAmountDecimal }
      const free = {
        upTo: formatDecimal(included),
        flatAmountDecimal: null,
        unitAmountDecimal: '0',
      }
      const rest = { upTo: null, flatAmountDecimal: null, unitAmountDecimal }
      return { kind: 'tiered', mode: 'graduated', tiers: [free, rest] }
    }
    case 'tiered':
      return {
        kind: 'tiered',
        mode: price.mode,
        tiers: price.tiers.map((tier) => toStripeTier(tier, currency)),
      }
    case 'package':
      if (price.rounding === 'exact' || included !== ZERO) return undefined
      return {
        kind: 'package',
        unitAmountDecimal: toMinor(price.amount, currency),
        divideBy: price.quantityPerPackage,
        round: price.rounding,
      }
    case 'percentage':
    case 'dynamic':
    case 'matrix':
      return undefined
    default:
      return assertNever(price)
  }
}

function toStripeTier(tier: PriceTier, currency: Currency): StripeTierInput {
  return {
    upTo: tier.upToAmount,
    flatAmountDecimal: tier.flatPrice === null ? null : toMinor(tier.flatPrice, currency),
    unitAmountDecimal: tier.unitPrice === null ? null : toMinor(tier.unitPrice, currency),
  }
}

/** Major units to Stripe's minor units, exactly: `0.0005` usd is `0.05`. */
function toMinor(major: string, currency: Currency): string {
  const factor = 10n ** BigInt(fractionDigits(currency)) * stripeFactor(currency)
  return formatDecimal((decimal(major) * factor) as Decimal)
}

export function intervalOf(cadence: string): StripeInterval | undefined {
  const length = duration(cadence)
  if ('months' in length) {
    const isYears = length.months % 12 === 0
    return isYears
      ? { interval: 'year', intervalCount: length.months / 12 }
      : { interval: 'month', intervalCount: length.months }
  }
  const days = length.ms / 86_400_000
  if (!Number.isInteger(days)) return undefined
  return days % 7 === 0
    ? { interval: 'week', intervalCount: days / 7 }
    : { interval: 'day', intervalCount: days }
}

function byItems(why: string): StripeTransport {
  return { kind: 'invoice_items', why }
}

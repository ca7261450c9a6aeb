import { chargeIncrementMinor, type Currency } from '../../kit/currency.ts'
import { type Decimal, decimal, minDecimal } from '../../kit/decimal.ts'
import {
  divideFractions,
  fraction,
  fractionToDecimal,
  multiplyFractions,
  roundFraction,
  toFraction,
} from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import { boundary, duration } from '../../kit/period.ts'
import {
  type CreditUnit,
  type GrantDraft,
  type GrantSource,
  type Holding,
  unreserved,
} from './grant.ts'

/** Credits for money: `quantity` packs of `amountPerPack`. */
export interface CreditPack {
  readonly key: string
  readonly unit: CreditUnit
  readonly amountPerPack: Decimal
  readonly priority: number
  /** How long bought credits stay valid; null is for good. */
  readonly validFor: string | null
  readonly appliesTo: readonly string[] | null
}

/**
 * What a paid purchase grants. Made from the paid invoice line or checkout session, which is its unique source, and
 * never from the page a customer is sent back to.
 */
export function purchasedGrant(
  pack: CreditPack,
  quantity: number,
  source: GrantSource,
  paidAt: Instant,
): GrantDraft {
  const amount = multiplyFractions(toFraction(pack.amountPerPack), toFraction(decimal(quantity)))
  return {
    unit: pack.unit,
    amount: fractionToDecimal(amount),
    category: 'paid',
    priority: pack.priority,
    effectiveAt: paidAt,
    expiresAt: pack.validFor === null ? null : boundary(paidAt, duration(pack.validFor), 1),
    appliesTo: pack.appliesTo,
    source,
  }
}

export interface PurchasedCredits {
  readonly holding: Holding
  readonly paidMinor: bigint
  readonly refundedMinor: bigint
  readonly currency: Currency
}

export interface PurchaseRefund {
  /** At most this can be given back: the unburned part of the price, less what was refunded before. */
  readonly refundableMinor: bigint
  /**
   * How many credits a refund of `refundMinor` takes back. It may be more than is left, where Stripe gave back more
   * than is refundable here: what is in use or was used is then taken should it come back.
   */
  readonly voids: (refundMinor: bigint) => Decimal
}

/**
 * Only what was not burned is refundable, at the price it was bought for; rounded down, so that refunds never exceed
 * what was paid for the rest. A refund takes the credits it pays for back, rounded so that a full one takes them all.
 */
export function purchaseRefund(purchase: PurchasedCredits): PurchaseRefund {
  const { holding, paidMinor, refundedMinor, currency } = purchase
  const { grant, balance } = holding
  // What was given back to a grant was granted before; it is not bought twice.
  const bought = grant.amount
  const left = minDecimal(unreserved(balance), bought)
  const worthMinor = (paidMinor * left) / bought
  const restMinor = paidMinor - refundedMinor
  const leastMinor = worthMinor < restMinor ? worthMinor : restMinor
  const refundableMinor = leastMinor - (leastMinor % chargeIncrementMinor(currency))
  return {
    refundableMinor,
    voids: (refundMinor) => {
      if (refundMinor >= restMinor) return bought
      if (refundMinor === refundableMinor) return left
      const share = divideFractions(fraction(refundMinor), fraction(paidMinor))
      const credits = multiplyFractions(share, toFraction(bought))
      return roundFraction(credits, 10n ** 12n) as Decimal
    },
  }
}

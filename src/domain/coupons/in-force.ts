import type { Currency } from '../../kit/currency.ts'
import { duration, boundary } from '../../kit/period.ts'
import type { Instant } from '../../kit/instant.ts'
import { majorToMinor } from '../../kit/money.ts'
import type { AppliedCoupon } from '../billing/coupons.ts'
import type { Coupon, CouponDefinition, Redemption } from './coupon.ts'

export interface Redeemed {
  readonly coupon: Coupon
  readonly redemption: Redemption
}

/** From when on invoices are whole again; null is never. A coupon for one invoice ends with that, not at a time. */
export function redemptionEnd(
  { duration: length }: Pick<CouponDefinition, 'duration'>,
  startsAt: Instant,
): Instant | null {
  if (length.type !== 'repeating') return null
  return boundary(startsAt, duration(`P${length.months}M`), 1)
}

/** The coupons an invoice made at an instant is reduced by, in the order they were redeemed. */
export function couponsInForce(
  redeemed: readonly Redeemed[],
  at: Instant,
  currency: Currency,
): AppliedCoupon[] {
  return redeemed
    .filter(({ redemption }) => isInForce(redemption, at))
    .toSorted((a, b) => a.redemption.createdAt - b.redemption.createdAt)
    .flatMap(({ coupon, redemption }) => appliedCoupon(coupon, redemption.endsAt, currency))
}

/** What a coupon does to an invoice in one currency; nothing where it has no amount in it. */
export function appliedCoupon(
  { key, definition }: Pick<Coupon, 'key' | 'definition'>,
  endsAt: Instant | null,
  currency: Currency,
): AppliedCoupon[] {
  const { name, off, planKeys, rateCardKeys } = definition
  const common = { id: key, name, planKeys, rateCardKeys, endsAt }
  if (off.type === 'percentage') return [{ ...common, off }]
  const amount = off.amounts[currency]
  if (amount === undefined) return []
  return [{ ...common, off: { type: 'amount', amountMinor: majorToMinor(amount, currency) } }]
}

function isInForce({ state, startsAt, endsAt, usedByInvoiceId }: Redemption, at: Instant): boolean {
  const hasBegun = state === 'active' && startsAt !== null && startsAt <= at
  return hasBegun && (endsAt === null || at < endsAt) && usedByInvoiceId === null
}

import { chargeIncrementMinor, type Currency } from '../../kit/currency.ts'
import { formatFraction } from '../../kit/fraction.ts'
import type { CouponAmountStep } from './derivation.ts'
import type { InvoiceLine } from './invoice-line.ts'
import type { LineDiscount } from './rating/discounts.ts'
import { fromMinor } from './rating/rounding.ts'

/** A coupon that is redeemed and in force for the invoice at hand; for how long it is, others decide. */
export interface Coupon {
  readonly id: string
  readonly name: string
  readonly off:
    | { readonly type: 'percentage'; readonly percent: string }
    /** In the currency of the invoice, off the whole invoice. */
    | { readonly type: 'amount'; readonly amountMinor: bigint }
  /** Rate cards it is for; null is every fee and all usage. */
  readonly rateCardKeys: readonly string[] | null
}

/** Percentages are taken off each line before it is rounded. */
export function couponDiscounts(coupons: readonly Coupon[], rateCardKey: string): LineDiscount[] {
  return coupons.flatMap(({ name, off, rateCardKeys }) =>
    off.type === 'percentage' && appliesTo(rateCardKeys, rateCardKey)
      ? [{ name, discount: { type: 'percentage' as const, percent: off.percent } }]
      : [],
  )
}

/**
 * Amounts are taken off the invoice: spread over its fees and usage in proportion, rounded down, the rest off the last.
 * As Stripe does it, and never more than a line costs.
 */
export function spreadCoupons(
  lines: readonly InvoiceLine[],
  coupons: readonly Coupon[],
  currency: Currency,
): InvoiceLine[] {
  return coupons.reduce<InvoiceLine[]>(
    (current, coupon) => spreadCoupon(current, coupon, currency),
    [...lines],
  )
}

function spreadCoupon(lines: InvoiceLine[], coupon: Coupon, currency: Currency): InvoiceLine[] {
  if (coupon.off.type !== 'amount') return lines
  const eligible = lines.filter((line) => isEligible(line, coupon))
  const totalMinor = eligible.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  if (totalMinor === 0n) return lines
  const increment = chargeIncrementMinor(currency)
  const { amountMinor: couponMinor } = coupon.off
  const offMinor = couponMinor < totalMinor ? couponMinor : totalMinor
  let leftMinor = offMinor
  return lines.map((line) => {
    if (!isEligible(line, coupon)) return line
    const shareMinor = (offMinor * line.amountMinor) / totalMinor
    const isLast = line === eligible.at(-1)
    const takenMinor = isLast ? leftMinor : shareMinor - (shareMinor % increment)
    leftMinor -= takenMinor
    return takenMinor === 0n ? line : takeOff(line, takenMinor, coupon.name, couponMinor, currency)
  })
}

function takeOff(
  line: InvoiceLine,
  takenMinor: bigint,
  name: string,
  couponMinor: bigint,
  currency: Currency,
): InvoiceLine {
  const amountMinor = line.amountMinor - takenMinor
  const step: CouponAmountStep = {
    kind: 'coupon_amount',
    name,
    couponAmount: formatFraction(fromMinor(couponMinor, currency)),
    taken: formatFraction(fromMinor(takenMinor, currency)),
    amount: formatFraction(fromMinor(amountMinor, currency)),
  }
  const derivation = { ...line.derivation, steps: [...line.derivation.steps, step] }
  return { ...line, amountMinor, derivation }
}

function isEligible(line: InvoiceLine, { rateCardKeys }: Coupon): boolean {
  const isCharge = line.kind === 'fee' || line.kind === 'usage'
  return isCharge && line.amountMinor > 0n && appliesTo(rateCardKeys, line.rateCardKey)
}

function appliesTo(rateCardKeys: Coupon['rateCardKeys'], rateCardKey: string): boolean {
  return rateCardKeys === null || rateCardKeys.includes(rateCardKey)
}

import { chargeIncrementMinor, type Currency } from '../../kit/currency.ts'
import { decimal } from '../../kit/decimal.ts'
import {
  divideFractions,
  formatFraction,
  fraction,
  multiplyFractions,
  toFraction,
} from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import type { CouponAmountStep } from './derivation.ts'
import type { InvoiceLine } from './invoice-line.ts'
import type { LineDiscount } from './rating/discounts.ts'
import { fromMinor, roundToCharge } from './rating/rounding.ts'

/** A coupon that is redeemed and in force for the invoice at hand; that it is, others have decided. */
export interface AppliedCoupon {
  readonly id: string
  readonly name: string
  readonly off:
    | { readonly type: 'percentage'; readonly percent: string }
    /** In the currency of the invoice, off the whole invoice. */
    | { readonly type: 'amount'; readonly amountMinor: bigint }
  /** Plans it is for; null is every plan. */
  readonly planKeys: readonly string[] | null
  /** Rate cards it is for; null is every fee and all usage. */
  readonly rateCardKeys: readonly string[] | null
  /** From when on invoices are whole again; null is never. */
  readonly endsAt: Instant | null
}

/** What a coupon is for, or not: a card of a plan. */
type Charged = Pick<InvoiceLine, 'planKey' | 'rateCardKey'>

/** Percentages are taken off each line before it is rounded. */
export function couponDiscounts(
  coupons: readonly AppliedCoupon[],
  charged: Charged,
): LineDiscount[] {
  return coupons.flatMap((coupon) =>
    coupon.off.type === 'percentage' && appliesTo(coupon, charged)
      ? [
          {
            name: coupon.name,
            discount: { type: 'percentage' as const, percent: coupon.off.percent },
          },
        ]
      : [],
  )
}

/** A line as far as something can be taken off it. */
type Reducible = Pick<InvoiceLine, 'amountMinor' | 'derivation'>

/**
 * Amounts are taken off the invoice: spread over its fees and usage in proportion, rounded down, the rest off the last.
 * As Stripe does it, and never more than a line costs.
 */
export function spreadCoupons(
  lines: readonly InvoiceLine[],
  coupons: readonly AppliedCoupon[],
  currency: Currency,
): InvoiceLine[] {
  return coupons.reduce<InvoiceLine[]>(
    (current, coupon) =>
      coupon.off.type === 'percentage'
        ? current
        : takeOffAll(current, (line) => isEligible(line, coupon), coupon, currency),
    [...lines],
  )
}

/**
 * What Stripe takes off an invoice of its own: percentages too are worked out once over all lines, then spread. Every
 * line but credits is for it. A coupon for some plans looks at products, which lines that we put there do not have.
 */
export function spreadInStripe<Line extends Reducible>(
  lines: readonly Line[],
  hasProduct: (line: Line) => boolean,
  coupons: readonly AppliedCoupon[],
  currency: Currency,
): Line[] {
  return coupons.reduce<Line[]>(
    (current, coupon) =>
      takeOffAll(
        current,
        (line) => {
          const { planKeys } = coupon
          const isOfPlan = (planKeys ?? []).includes(line.derivation.plan.key) && hasProduct(line)
          return line.amountMinor > 0n && (planKeys === null || isOfPlan)
        },
        coupon,
        currency,
      ),
    [...lines],
  )
}

function takeOffAll<Line extends Reducible>(
  lines: readonly Line[],
  isFor: (line: Line) => boolean,
  coupon: AppliedCoupon,
  currency: Currency,
): Line[] {
  const eligible = lines.filter(isFor)
  const totalMinor = eligible.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  if (totalMinor === 0n) return [...lines]
  const increment = chargeIncrementMinor(currency)
  const couponMinor = offMinorOf(coupon, totalMinor, currency)
  const offMinor = couponMinor < totalMinor ? couponMinor : totalMinor
  let leftMinor = offMinor
  return lines.map((line) => {
    if (!isFor(line)) return line
    const shareMinor = (offMinor * line.amountMinor) / totalMinor
    const isLast = line === eligible.at(-1)
    const takenMinor = isLast ? leftMinor : shareMinor - (shareMinor % increment)
    leftMinor -= takenMinor
    return takenMinor === 0n ? line : takeOff(line, takenMinor, coupon.name, couponMinor, currency)
  })
}

function offMinorOf({ off }: AppliedCoupon, totalMinor: bigint, currency: Currency): bigint {
  if (off.type === 'amount') return off.amountMinor
  const part = divideFractions(toFraction(decimal(off.percent)), fraction(100))
  return roundToCharge(multiplyFractions(fromMinor(totalMinor, currency), part), currency)
}

function takeOff<Line extends Reducible>(
  line: Line,
  takenMinor: bigint,
  name: string,
  couponMinor: bigint,
  currency: Currency,
): Line {
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

function isEligible(line: InvoiceLine, coupon: AppliedCoupon): boolean {
  const isCharge = line.kind === 'fee' || line.kind === 'usage'
  return isCharge && line.amountMinor > 0n && appliesTo(coupon, line)
}

export function appliesTo({ planKeys, rateCardKeys }: AppliedCoupon, charged: Charged): boolean {
  const isOfPlan = planKeys === null || planKeys.includes(charged.planKey)
  return isOfPlan && (rateCardKeys === null || rateCardKeys.includes(charged.rateCardKey))
}

import type { Currency } from '../../kit/currency.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Engine } from '../catalog/plan.ts'
import type { Coupon, PromotionCode } from './coupon.ts'

export interface RedemptionFacts {
  readonly coupon: Coupon
  readonly code: PromotionCode
  readonly customerId: string
  readonly planKey: string
  readonly engine: Engine
  readonly currency: Currency
  /** Places taken, of the coupon and of this code, not counting this customer's own purchase under way. */
  readonly taken: { readonly ofCoupon: number; readonly ofCode: number }
  readonly hasRedeemed: boolean
  readonly now: Instant
}

export type RedemptionDecision =
  | { readonly kind: 'redeemable' }
  | {
      readonly kind: 'refused'
      readonly code: Extract<ErrorCode, 'promotion_code_invalid' | 'coupon_not_applicable'>
      readonly params: { readonly promotionCode: string; readonly reason: string }
    }

/** Whether a customer may redeem a code for a plan now. */
export function decideRedemption(facts: RedemptionFacts): RedemptionDecision {
  const { code } = facts
  const refuse = (errorCode: 'promotion_code_invalid' | 'coupon_not_applicable', reason: string) =>
    ({ kind: 'refused', code: errorCode, params: { promotionCode: code.code, reason } }) as const

  const invalid = whyInvalid(facts)
  if (invalid !== undefined) return refuse('promotion_code_invalid', invalid)
  const useless = whyUseless(facts)
  if (useless !== undefined) return refuse('coupon_not_applicable', useless)
  return { kind: 'redeemable' }
}

function whyInvalid(facts: RedemptionFacts): string | undefined {
  const { coupon, code, customerId, taken, hasRedeemed, now } = facts
  const { definition } = coupon
  // Somebody else's code is none: whose it is, is nobody's business.
  if (code.customerId !== null && code.customerId !== customerId) return 'There is no such code.'
  if (code.deactivatedAt !== null || coupon.archivedAt !== null) return 'It is no longer offered.'
  if (isOver(code.expiresAt, now) || isOver(definition.redeemBy, now)) return 'It has expired.'
  if (hasRedeemed) return 'It was redeemed with this account before.'
  const isUsedUp =
    isReached(definition.maxRedemptions, taken.ofCoupon) ||
    isReached(code.maxRedemptions, taken.ofCode)
  return isUsedUp ? 'It was redeemed as often as it was offered.' : undefined
}

function whyUseless({ coupon, planKey, engine, currency }: RedemptionFacts): string | undefined {
  const { off, planKeys, rateCardKeys } = coupon.definition
  if (planKeys !== null && !planKeys.includes(planKey)) return 'It is not for this plan.'
  if (off.type === 'amount' && off.amounts[currency] === undefined) {
    return `It is not for prices in ${currency.toUpperCase()}.`
  }
  // A Checkout Session discounts whole invoices only.
  if (engine === 'stripe_subscription' && rateCardKeys !== null) {
    return 'It is for single charges, and this plan is billed as a whole.'
  }
  return undefined
}

function isOver(until: Instant | null, now: Instant): boolean {
  return until !== null && now >= until
}

function isReached(limit: number | null, taken: number): boolean {
  return limit !== null && taken >= limit
}

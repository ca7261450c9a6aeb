import type { Stripe } from 'stripe'
import { toStripeAmount } from './amounts.ts'
import { callStripe } from './errors.ts'

export type Coupons = ReturnType<typeof createCoupons>

export interface StripeCouponInput {
  readonly name: string
  readonly off:
    | { readonly type: 'percentage'; readonly percent: number }
    | {
        readonly type: 'amount'
        /** At least one; the first is the coupon's own currency. */
        readonly amounts: readonly { readonly currency: string; readonly amountMinor: bigint }[]
      }
  readonly duration:
    | { readonly type: 'once' | 'forever' }
    | { readonly type: 'repeating'; readonly months: number }
  /** Takes off from these products only; null is everything. */
  readonly productIds: readonly string[] | null
  readonly metadata: Readonly<Record<string, string>>
}

/** Stripe shows this much of a coupon's name. */
const MAX_NAME_LENGTH = 40

export function createCoupons(stripe: Stripe) {
  return {
    async create(input: StripeCouponInput, idempotencyKey: string): Promise<string> {
      const { name, duration, productIds, metadata } = input
      const coupon = await callStripe(() =>
        stripe.coupons.create(
          {
            name: name.slice(0, MAX_NAME_LENGTH),
            duration: duration.type,
            ...(duration.type === 'repeating' && { duration_in_months: duration.months }),
            ...(productIds !== null && { applies_to: { products: [...productIds] } }),
            metadata: { ...metadata },
            ...offParams(input.off),
          },
          { idempotencyKey },
        ),
      )
      return coupon.id
    },
  }
}

function offParams(off: StripeCouponInput['off']): Stripe.CouponCreateParams {
  if (off.type === 'percentage') return { percent_off: off.percent }
  const amounts = off.amounts.map(({ currency, amountMinor }) => ({
    currency,
    amount_off: toStripeAmount(amountMinor, currency),
  }))
  const [own, ...others] = amounts
  if (own === undefined) throw new RangeError('A coupon takes off an amount in some currency')
  return {
    ...own,
    ...(others.length > 0 && {
      currency_options: Object.fromEntries(
        others.map(({ currency, amount_off }) => [currency, { amount_off }]),
      ),
    }),
  }
}

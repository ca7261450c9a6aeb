import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** What a coupon takes off, for how long, of what. As operators write it, in the API and in files. */
export interface CouponDefinition {
  /** Customers read it on their invoices. */
  readonly name: string
  readonly off:
    /** Of each line; more than 0, at most 100. */
    | { readonly type: 'percentage'; readonly percent: string }
    /** Off the whole invoice, in major units by currency. */
    | { readonly type: 'amount'; readonly amounts: Readonly<Record<Currency, string>> }
  readonly duration: CouponDuration
  /** Of all codes together; null is as many as like. */
  readonly maxRedemptions: number | null
  /** Nobody redeems it from here on; who has keeps it. */
  readonly redeemBy: Instant | null
  /** Plans it can be redeemed for and takes off from; null is every plan. */
  readonly planKeys: readonly string[] | null
  /** Rate cards it takes off from; null is every fee and all usage. */
  readonly rateCardKeys: readonly string[] | null
}

export type CouponDuration =
  /** The first invoice with something to pay. */
  | { readonly type: 'once' }
  | { readonly type: 'repeating'; readonly months: number }
  | { readonly type: 'forever' }

export interface Coupon {
  readonly mode: Mode
  readonly key: string
  readonly definition: CouponDefinition
  readonly createdAt: Instant
  readonly archivedAt: Instant | null
}

export interface PromotionCode {
  readonly mode: Mode
  /** In capitals; customers write it as they like. */
  readonly code: string
  readonly couponKey: string
  readonly maxRedemptions: number | null
  readonly expiresAt: Instant | null
  /** The only customer who may use it. */
  readonly customerId: string | null
  readonly createdAt: Instant
  readonly deactivatedAt: Instant | null
}

export interface Redemption {
  readonly mode: Mode
  /** That of the purchase it is redeemed with. */
  readonly id: string
  readonly couponKey: string
  readonly code: string
  readonly customerId: string
  readonly subscriptionId: string | null
  readonly state: 'held' | 'active' | 'released'
  readonly startsAt: Instant | null
  readonly endsAt: Instant | null
  readonly usedByInvoiceId: string | null
  readonly createdAt: Instant
}

/** How a code is stored, however it was typed in. */
export function codeOf(text: string): string {
  return text.trim().toUpperCase()
}

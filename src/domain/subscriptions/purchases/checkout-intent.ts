import type { Currency } from '../../../kit/currency.ts'
import type { Instant } from '../../../kit/instant.ts'

/** A purchase under way: written before Stripe is asked, settled by what Stripe reports, never by the redirect. */
export interface CheckoutIntent {
  readonly id: string
  readonly customerId: string
  readonly planVersionId: string
  readonly currency: Currency
  /** What its page does; what is paid by invoice has none. */
  readonly kind: 'subscription' | 'setup' | 'invoice'
  readonly state: 'open' | 'completed' | 'expired' | 'failed'
  readonly stripeSessionId: string | null
  readonly url: string | null
  readonly subscriptionId: string | null
  /** Of the coupon it is bought with; its redemption has the id of the purchase. */
  readonly couponKey: string | null
  readonly createdAt: Instant
  readonly expiresAt: Instant
}

import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant } from '../kit/instant.ts'
import { fromStripeAmount, toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import { listAll } from './paging.ts'

export type Refunds = ReturnType<typeof createRefunds>

const STATUSES = ['pending', 'requires_action', 'succeeded', 'failed', 'canceled'] as const

export interface StripeRefund {
  readonly id: string
  /** Null for charges that were made without a payment intent. */
  readonly paymentIntentId: string | null
  readonly amountMinor: bigint
  readonly currency: string
  readonly status: (typeof STATUSES)[number]
  readonly reason: string | null
  readonly failureReason: string | null
  /** The refund of ours that asked for it; null for one made in Stripe. */
  readonly refundId: string | null
  readonly createdAt: Instant
}

export interface RefundInput {
  readonly refundId: string
  readonly paymentIntentId: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly stripeReason: 'duplicate' | 'fraudulent' | 'requested_by_customer' | null
  /** Our own reason, which has more words than Stripe's. */
  readonly reason: string
}

const OUR_ID = 'refund_id'

export function createRefunds(stripe: Stripe) {
  return {
    /** Keyed by our id: asked again, Stripe gives the same refund. */
    async create(input: RefundInput): Promise<StripeRefund> {
      const refund = await callStripe(() =>
        stripe.refunds.create(
          {
            payment_intent: input.paymentIntentId,
            amount: toStripeAmount(input.amountMinor, input.currency),
            metadata: { [OUR_ID]: input.refundId, reason: input.reason },
            ...(input.stripeReason !== null && { reason: input.stripeReason }),
          },
          { idempotencyKey: input.refundId },
        ),
      )
      return fromRefund(refund)
    },

    async find(id: string): Promise<StripeRefund | undefined> {
      const refund = await findInStripe(() => stripe.refunds.retrieve(id))
      return refund && fromRefund(refund)
    },

    /** Every refund of a payment, newest first; how one is found whose answer was lost. */
    async listOfPayment(paymentIntentId: string): Promise<StripeRefund[]> {
      const all = await listAll(() =>
        stripe.refunds.list({ payment_intent: paymentIntentId, limit: 100 }),
      )
      return all.map(fromRefund)
    },
  }
}

function fromRefund(refund: Stripe.Refund): StripeRefund {
  const { payment_intent: intent, currency } = refund
  return {
    id: refund.id,
    paymentIntentId: typeof intent === 'string' ? intent : (intent?.id ?? null),
    amountMinor: fromStripeAmount(refund.amount, currency),
    currency,
    status: knownValue(refund.status ?? 'pending', STATUSES, 'refund status'),
    reason: refund.reason,
    failureReason: refund.failure_reason ?? null,
    refundId: refund.metadata?.[OUR_ID] ?? null,
    createdAt: fromUnixSeconds(refund.created),
  }
}

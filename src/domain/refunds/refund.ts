import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Money } from '../../kit/money.ts'
import type { StripeRefund } from '../../stripe/refunds.ts'
import type { RefundReason, RefundRequest, RefundState } from './decide-refund.ts'

/** Money on its way back to a customer: asked for here, or made in Stripe and known from there. */
export interface Refund {
  readonly mode: Mode
  readonly id: string
  readonly paymentId: string
  readonly customerId: string
  readonly amount: Money
  readonly state: RefundState
  readonly reason: RefundReason
  readonly note: string | null
  readonly accessEffect: RefundRequest['accessEffect']
  readonly creditEffect: RefundRequest['creditEffect']
  readonly issuesCreditNote: boolean
  readonly origin: 'farebox' | 'stripe'
  readonly approval: 'not_needed' | 'waiting' | 'approved' | 'rejected'
  /** The operator who asked; null for refunds made in Stripe. */
  readonly requestedBy: string | null
  readonly approvedBy: string | null
  readonly failureCode: string | null
  readonly failureMessage: string | null
  readonly stripeRefundId: string | null
  readonly providerTicket: bigint
  readonly effectsAppliedAt: Instant | null
  readonly createdAt: Instant
  /** When the bank had the last word; it can still take it back. */
  readonly settledAt: Instant | null
}

/** Stripe's word for how a refund stands, in ours. */
export function refundStateOf(status: StripeRefund['status']): RefundState {
  return status === 'requires_action' ? 'pending' : status
}

/** Whose reason a refund made in Stripe has: the three Stripe knows, and none else. */
export function reasonOfStripe(reason: string | null): RefundReason {
  switch (reason) {
    case 'duplicate':
    case 'fraudulent':
      return reason
    case 'requested_by_customer':
      return 'customer_request'
    default:
      return 'other'
  }
}

export function isSettled(state: RefundState): boolean {
  return state === 'succeeded' || state === 'failed' || state === 'canceled'
}

import { assertNever } from '../../kit/assert.ts'
import { chargeIncrementMinor, type Currency } from '../../kit/currency.ts'
import type { PaymentState } from '../payments/payment.ts'

/** A payment with all that has been given back of it or is about to be. */
export interface RefundablePayment {
  readonly state: PaymentState
  readonly currency: Currency
  readonly capturedMinor: bigint
  readonly refunds: readonly RefundStanding[]
  /** What disputes took back for good. */
  readonly lostInDisputesMinor: bigint
}

export interface RefundStanding {
  readonly amountMinor: bigint
  readonly state: RefundState
}

export type RefundState = 'requested' | 'pending' | 'succeeded' | 'failed' | 'canceled'

export type RefundReason =
  | 'customer_request'
  | 'billing_error'
  | 'service_issue'
  | 'duplicate'
  | 'fraudulent'
  | 'other'

export interface RefundRequest {
  /** Null asks for everything that is left. */
  readonly amountMinor: bigint | null
  readonly reason: RefundReason
  readonly accessEffect: 'none' | 'cancel_at_period_end' | 'cancel_now'
  readonly creditEffect: 'none' | 'void_unburned'
  readonly issueCreditNote: boolean
}

export interface RefundLimits {
  /** Larger refunds need a second person or a fresh sign-in; null asks for neither. */
  readonly approvalAboveMinor: bigint | null
  /** For a payment that bought credits, what their unburned part is worth; null for any other payment. */
  readonly unburnedCreditsMinor: bigint | null
}

export type RefundDecision =
  | {
      readonly kind: 'allowed'
      readonly amountMinor: bigint
      /** Nothing of the payment is left afterwards. */
      readonly isFull: boolean
      readonly needsApproval: boolean
      readonly remainingMinor: bigint
      readonly stripeReason: StripeRefundReason | null
      readonly effects: Pick<RefundRequest, 'accessEffect' | 'creditEffect' | 'issueCreditNote'>
    }
  | { readonly kind: 'refused'; readonly code: RefundRefusal; readonly refundableMinor: bigint }

export type RefundRefusal =
  | 'payment_not_refundable'
  | 'payment_disputed'
  | 'nothing_left_to_refund'
  | 'amount_exceeds_remaining'
  | 'amount_not_chargeable'
  | 'credits_already_used'

export type StripeRefundReason = 'duplicate' | 'fraudulent' | 'requested_by_customer'

/**
 * What can still be given back. Refunds count from the moment they are requested, not when they succeed, so that two
 * clicks at once cannot give back the same money; one that failed gives its amount free again.
 */
export function refundableMinor(payment: RefundablePayment): bigint {
  const { capturedMinor, refunds, lostInDisputesMinor } = payment
  const leftMinor = refunds
    .filter(({ state }) => state !== 'failed' && state !== 'canceled')
    .reduce((left, { amountMinor }) => left - amountMinor, capturedMinor - lostInDisputesMinor)
  return leftMinor > 0n ? leftMinor : 0n
}

/** Whether and how much to refund; decided under the lock of the payment, before Stripe is asked. */
export function decideRefund(
  payment: RefundablePayment,
  request: RefundRequest,
  limits: RefundLimits,
): RefundDecision {
  const leftMinor = refundableMinor(payment)
  const capMinor =
    limits.unburnedCreditsMinor === null
      ? leftMinor
      : smaller(leftMinor, limits.unburnedCreditsMinor)
  const refused = (code: RefundRefusal): RefundDecision => ({
    kind: 'refused',
    code,
    refundableMinor: capMinor,
  })
  const stateRefusal = refuseState(payment.state)
  if (stateRefusal !== undefined) return refused(stateRefusal)
  if (leftMinor === 0n) return refused('nothing_left_to_refund')
  if (capMinor === 0n) return refused('credits_already_used')
  const amountMinor = request.amountMinor ?? capMinor
  if (amountMinor <= 0n || amountMinor % chargeIncrementMinor(payment.currency) !== 0n) {
    return refused('amount_not_chargeable')
  }
  if (amountMinor > leftMinor) return refused('amount_exceeds_remaining')
  if (amountMinor > capMinor) return refused('credits_already_used')
  const { accessEffect, creditEffect, issueCreditNote } = request
  return {
    kind: 'allowed',
    amountMinor,
    isFull: amountMinor === leftMinor,
    needsApproval: limits.approvalAboveMinor !== null && amountMinor > limits.approvalAboveMinor,
    remainingMinor: leftMinor - amountMinor,
    stripeReason: stripeReasonOf(request.reason),
    effects: { accessEffect, creditEffect, issueCreditNote },
  }
}

/** Stripe knows three reasons; ours goes into the metadata in any case. */
export function stripeReasonOf(reason: RefundReason): StripeRefundReason | null {
  switch (reason) {
    case 'duplicate':
    case 'fraudulent':
      return reason
    case 'customer_request':
      return 'requested_by_customer'
    case 'billing_error':
    case 'service_issue':
    case 'other':
      return null
    default:
      return assertNever(reason)
  }
}

function refuseState(state: PaymentState): RefundRefusal | undefined {
  switch (state) {
    case 'succeeded':
    case 'partially_refunded':
      return undefined
    case 'refunded':
      return 'nothing_left_to_refund'
    case 'disputed':
    case 'disputed_lost':
      return 'payment_disputed'
    case 'pending':
    case 'requires_action':
    case 'processing':
    case 'failed':
    case 'canceled':
      return 'payment_not_refundable'
    default:
      return assertNever(state)
  }
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

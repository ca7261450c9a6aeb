import { DAY_MS, SECOND_MS } from '../../kit/instant.ts'
import { checkChargeStep } from '../billing/rounding.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { RefundCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { isInRange, listPage } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { insertBalanceTransaction } from './balance.ts'
import { clockOfCharge } from './charges.ts'
import { getTestCard } from './test-cards.ts'

/** How long the bank of a card with a delayed refund takes to answer. */
const SETTLEMENT_SECONDS = DAY_MS / SECOND_MS

export const refundOperations: Handlers = {
  'POST /v1/refunds': ({ tx, params }) => tx.present('refund', createRefund(tx, params).id),

  'GET /v1/refunds': ({ tx, params }) =>
    listPage(tx, 'refund', {
      url: '/v1/refunds',
      params,
      matches: (refund) =>
        (params.charge === undefined || refund.charge === params.charge) &&
        (params.payment_intent === undefined || refund.payment_intent === params.payment_intent) &&
        isInRange(refund.created, params.created),
    }),

  'GET /v1/refunds/{id}': ({ tx, id }) => tx.present('refund', getById(tx, 'refund', id).id),

  'POST /v1/refunds/{id}': ({ tx, params, id }) => {
    const refund = getById(tx, 'refund', id)
    tx.update('refund', id, { metadata: mergeMetadata(refund.metadata ?? {}, params.metadata) })
    tx.emit('charge.refund.updated', 'refund', id)
    return tx.present('refund', id)
  },

  'POST /v1/refunds/{id}/cancel': ({ tx, id }) => {
    const refund = getById(tx, 'refund', id)
    if (refund.status !== 'pending' && refund.status !== 'requires_action') {
      throw invalidRequest({
        message: `Refund ${id} cannot be canceled: its status is ${refund.status ?? 'unknown'}, and only pending refunds can be canceled.`,
      })
    }
    takeBack(tx, id, { status: 'canceled' })
    return tx.present('refund', id)
  },
}

function chargeToRefund(tx: Transaction, params: RefundCreateParams): Documents['charge'] {
  if (params.charge !== undefined) return getReferenced(tx, 'charge', params.charge, 'charge')
  if (params.payment_intent === undefined) throw missingParameter('payment_intent')
  const intent = getReferenced(tx, 'payment_intent', params.payment_intent, 'payment_intent')
  if (intent.latest_charge === null || intent.status !== 'succeeded') {
    throw invalidRequest({
      message: `This PaymentIntent (${intent.id}) does not have a successful charge to refund.`,
      param: 'payment_intent',
    })
  }
  return tx.get('charge', intent.latest_charge)
}

type NewRefund = Pick<
  RefundCreateParams,
  'charge' | 'payment_intent' | 'amount' | 'reason' | 'metadata'
>

export function createRefund(tx: Transaction, params: NewRefund): Documents['refund'] {
  const charge = chargeToRefund(tx, params)
  const amount = params.amount ?? charge.amount_captured - charge.amount_refunded
  checkRefundable(tx, charge, amount)
  const clock = clockOfCharge(tx, charge)
  const outcome = getTestCard(charge.inner.number).refund
  const id = tx.newId('re')
  const booked = insertBalanceTransaction(tx, {
    type: 'refund',
    reportingCategory: 'refund',
    amount: -amount,
    fee: 0,
    currency: charge.currency,
    source: id,
    description: `REFUND FOR CHARGE${charge.description === null ? '' : ` (${charge.description})`}`,
    clock,
    isAvailableAtOnce: true,
  })
  const refund = tx.insert('refund', {
    id,
    object: 'refund',
    amount,
    balance_transaction: booked.id,
    charge: charge.id,
    created: tx.now(clock),
    currency: charge.currency,
    customer: charge.customer,
    customer_account: null,
    destination_details: {
      card: {
        reference_status: outcome === 'pending' ? 'pending' : 'available',
        reference_type: 'acquirer_reference_number',
        type: 'refund',
      },
      type: 'card',
    },
    metadata: newMetadata(params.metadata),
    payment_intent: charge.payment_intent,
    payment_method: charge.payment_method,
    ...(outcome === 'pending' ? { pending_reason: 'processing' as const } : {}),
    reason: params.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: outcome === 'pending' ? 'pending' : 'succeeded',
    transfer_reversal: null,
    inner: {
      outcome: outcome === 'pending' ? 'succeeds' : outcome === 'fails_later' ? 'fails' : null,
    },
  })
  const refunded = charge.amount_refunded + amount
  tx.update('charge', charge.id, {
    amount_refunded: refunded,
    refunded: refunded === charge.amount_captured,
  })
  tx.emit('refund.created', 'refund', id)
  tx.emit('charge.refunded', 'charge', charge.id, { withPrevious: true })
  if (refund.inner.outcome !== null) {
    tx.schedule({
      id: `refund:${id}`,
      type: 'refund.settle',
      clock,
      dueAt: tx.now(clock) + SETTLEMENT_SECONDS,
      rank: 50,
      subject: id,
    })
  }
  return refund
}

function checkRefundable(tx: Transaction, charge: Documents['charge'], amount: number): void {
  const rest = charge.amount_captured - charge.amount_refunded
  if (!charge.paid || !charge.captured) {
    throw invalidRequest({
      message: `Charge ${charge.id} has not been captured and cannot be refunded.`,
      param: 'charge',
    })
  }
  if (charge.refunded || rest === 0) {
    throw invalidRequest({
      code: 'charge_already_refunded',
      message: `Charge ${charge.id} has already been refunded.`,
    })
  }
  const isDisputed = tx
    .where('dispute', 'charge', charge.id)
    .some((dispute) => !dispute.is_charge_refundable)
  if (isDisputed) {
    throw invalidRequest({
      code: 'charge_disputed',
      message: `Charge ${charge.id} has been charged back; cannot issue a refund.`,
    })
  }
  if (amount < 1) {
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: 'Invalid positive integer: the amount to refund must be at least 1.',
      param: 'amount',
    })
  }
  checkChargeStep(amount, charge.currency)
  if (amount > rest) {
    throw invalidRequest({
      message: `Refund amount (${amount}) is greater than unrefunded amount on charge (${rest})`,
      param: 'amount',
    })
  }
}

/** Job and control API: the bank has answered. */
export function settleRefund(tx: Transaction, id: string, forced?: 'succeeds' | 'fails'): void {
  const refund = tx.find('refund', id)
  if (refund === undefined) return
  const outcome = forced ?? refund.inner.outcome
  tx.unschedule(`refund:${id}`)
  if (outcome === 'fails') {
    takeBack(tx, id, { status: 'failed', failure_reason: 'expired_or_canceled_card' })
  } else if (outcome === 'succeeds' && refund.status === 'pending') {
    tx.update('refund', id, {
      pending_reason: undefined,
      status: 'succeeded',
      inner: { outcome: null },
    })
    tx.emit('charge.refund.updated', 'refund', id)
  }
}

/** The money comes back: the refund is over and the charge counts it no longer. */
function takeBack(
  tx: Transaction,
  id: string,
  change: { readonly status: 'failed' | 'canceled'; readonly failure_reason?: string },
): void {
  const refund = tx.get('refund', id)
  if (refund.status === 'failed' || refund.status === 'canceled') return
  const charge = tx.get('charge', refund.charge ?? '')
  const returned = insertBalanceTransaction(tx, {
    type: 'refund_failure',
    reportingCategory: 'refund_failure',
    amount: refund.amount,
    fee: 0,
    currency: refund.currency,
    source: id,
    description: `REFUND FAILURE (${refund.id})`,
    clock: clockOfCharge(tx, charge),
    isAvailableAtOnce: true,
  })
  tx.update('refund', id, {
    ...change,
    failure_balance_transaction: returned.id,
    pending_reason: undefined,
    inner: { outcome: null },
  })
  tx.update('charge', charge.id, {
    amount_refunded: charge.amount_refunded - refund.amount,
    refunded: false,
  })
  if (change.status === 'failed') tx.emit('refund.failed', 'refund', id)
  tx.emit('charge.refund.updated', 'refund', id)
  tx.emit('charge.updated', 'charge', charge.id, { withPrevious: true })
}

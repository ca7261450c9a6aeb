import type { Transaction } from '../store/transaction.ts'
import type { PaymentIntent } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { clockOfIntent } from './attempt.ts'
import { openDisputeFor } from './dispute-opening.ts'
import { settleCharge } from './record-charge.ts'

/** Takes all or a part of what was authorized; the rest is released. */
export function captureIntent(tx: Transaction, id: string, amount: number): void {
  const intent = tx.get('payment_intent', id)
  if (amount < 1 || amount > intent.amount_capturable) {
    throw invalidRequest({
      code: 'amount_too_large',
      message: `The PaymentIntent ${id} has ${intent.amount_capturable} to capture; got ${amount}.`,
      param: 'amount_to_capture',
    })
  }
  const chargeId = intent.latest_charge ?? ''
  const clock = clockOfIntent(tx, intent)
  settleCharge(tx, chargeId, amount, clock)
  if (amount < intent.amount) {
    tx.update('charge', chargeId, { amount_refunded: intent.amount - amount })
  }
  tx.emit('charge.captured', 'charge', chargeId, { withPrevious: true })
  tx.update('payment_intent', id, {
    status: 'succeeded',
    amount_capturable: 0,
    amount_received: amount,
  })
  tx.unschedule(`authorization:${id}`)
  tx.emit('payment_intent.succeeded', 'payment_intent', id)
  tx.notify({ type: 'payment_intent.settled', id })
  openDisputeFor(tx, chargeId)
}

export function cancelIntent(
  tx: Transaction,
  id: string,
  reason: PaymentIntent['cancellation_reason'],
): void {
  const intent = tx.get('payment_intent', id)
  if (intent.status === 'requires_capture' && intent.latest_charge !== null) {
    tx.update('charge', intent.latest_charge, { amount_refunded: intent.amount, refunded: true })
    const type = reason === 'automatic' ? 'charge.expired' : 'charge.refunded'
    tx.emit(type, 'charge', intent.latest_charge, { withPrevious: true })
  }
  tx.update('payment_intent', id, {
    status: 'canceled',
    amount_capturable: 0,
    canceled_at: tx.now(clockOfIntent(tx, intent)),
    cancellation_reason: reason,
    next_action: null,
    inner: { ...intent.inner, challenge: 'none' },
  })
  tx.unschedule(`authorization:${id}`)
  tx.emit('payment_intent.canceled', 'payment_intent', id)
  tx.notify({ type: 'payment_intent.settled', id })
}

/** Job: seven days have passed since the authorization. */
export function expireAuthorization(tx: Transaction, id: string): void {
  if (tx.find('payment_intent', id)?.status === 'requires_capture') {
    cancelIntent(tx, id, 'automatic')
  }
}

import type { Transaction } from '../store/transaction.ts'
import { clockOfIntent, failIntent } from './attempt.ts'
import { DECLINES, toCardError } from './declines.ts'
import { openDisputeFor } from './dispute-opening.ts'
import { settleCharge } from './record-charge.ts'

/** Job and control API: the bank has answered to a payment that took days. */
export function settleDelayed(tx: Transaction, id: string, outcome: 'succeed' | 'fail'): void {
  const intent = tx.find('payment_intent', id)
  if (intent?.status !== 'processing' || intent.latest_charge === null) return
  tx.unschedule(`processing:${id}`)
  const charge = intent.latest_charge
  if (outcome === 'succeed') {
    settleCharge(tx, charge, intent.amount, clockOfIntent(tx, intent))
    tx.update('charge', charge, { paid: true, status: 'succeeded' })
    tx.emit('charge.succeeded', 'charge', charge, { withPrevious: true })
    tx.update('payment_intent', id, { status: 'succeeded', amount_received: intent.amount })
    tx.emit('payment_intent.succeeded', 'payment_intent', id)
    tx.notify({ type: 'payment_intent.settled', id })
    openDisputeFor(tx, charge)
    return
  }
  const decline = DECLINES.insufficient_funds
  tx.update('charge', charge, {
    status: 'failed',
    failure_code: decline.code,
    failure_message: decline.message,
  })
  tx.emit('charge.failed', 'charge', charge, { withPrevious: true })
  failIntent(tx, id, {
    ...toCardError(decline),
    type: 'card_error',
    charge,
    payment_method: tx.present('payment_method', intent.payment_method ?? ''),
  })
  tx.notify({ type: 'payment_intent.settled', id })
}

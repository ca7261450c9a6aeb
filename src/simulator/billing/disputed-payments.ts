import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import { endSubscription } from './cancellation.ts'
import { isEnded } from './subscription-work.ts'

const HOUR = 3_600

/**
 * Reaction: a payment was disputed. Accounts may choose that its subscription ends an hour later; on test clocks Stripe
 * does not do it, and neither do we.
 */
export function onChargeDisputed(tx: Transaction, chargeId: string): void {
  if (!settingsOf(tx).cancelsDisputedSubscriptions) return
  const charge = tx.get('charge', chargeId)
  for (const payment of tx.where(
    'invoice_payment',
    'inner.paymentIntent',
    charge.payment_intent ?? '',
  )) {
    const { subscription } = tx.get('invoice', payment.invoice).inner
    const found = tx.find('subscription', subscription ?? '')
    if (found === undefined || found.test_clock !== null) continue
    tx.schedule({
      id: `disputed:${found.id}`,
      type: 'subscription.end_disputed',
      clock: null,
      dueAt: tx.now(null) + HOUR,
      rank: 50,
      subject: found.id,
    })
  }
}

/** Job: the hour is over. */
export function endDisputed(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription !== undefined && !isEnded(subscription)) {
    endSubscription(tx, id, { reason: 'payment_disputed' })
  }
}

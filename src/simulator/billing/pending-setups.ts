import type { Transaction } from '../store/transaction.ts'

/** Reaction: a customer left a method for a subscription that had none. */
export function onSetupSettled(tx: Transaction, setupIntent: string): void {
  const intent = tx.get('setup_intent', setupIntent)
  if (intent.status !== 'succeeded' || intent.customer === null) return
  for (const subscription of tx.where('subscription', 'customer', intent.customer)) {
    if (subscription.pending_setup_intent !== setupIntent) continue
    const isKept = subscription.payment_settings?.save_default_payment_method === 'on_subscription'
    tx.update('subscription', subscription.id, {
      pending_setup_intent: null,
      ...(isKept ? { default_payment_method: intent.payment_method } : {}),
    })
  }
}

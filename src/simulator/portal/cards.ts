import { isEnded } from '../billing/subscription-work.ts'
import { updateSubscription } from '../billing/subscription-edit.ts'
import { updateCustomer } from '../customers/customers.ts'
import { attemptSetup, insertSetupIntent, type SetupResult } from '../payments/setup.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'

const KIND = 'billing_portal.session'
type Session = Documents[typeof KIND]

/** Saves an entered card with its bank's consent. What it becomes the default of happens when the bank has agreed. */
export function saveCard(
  tx: Transaction,
  session: Session,
  method: string,
  { subscription, returnUrl }: { readonly subscription: string | null; readonly returnUrl: string },
): { readonly result: SetupResult; readonly intent: string } {
  const customer = tx.get('customer', session.customer)
  const intent = insertSetupIntent(tx, {
    customer: customer.id,
    clock: customer.test_clock,
    usage: 'off_session',
    returnUrl,
  })
  tx.update(KIND, session.id, {
    inner: { ...session.inner, setupIntent: intent.id, setupFor: subscription },
  })
  tx.update('setup_intent', intent.id, { payment_method: method })
  return { result: attemptSetup(tx, intent.id), intent: intent.id }
}

/** Reaction: a card that was entered in a portal session is saved, or was refused. */
export function onPortalSetupSettled(tx: Transaction, id: string): void {
  const intent = tx.get('setup_intent', id)
  const method = intent.payment_method
  if (intent.status !== 'succeeded' || method === null) return
  for (const session of tx.where(KIND, 'inner.setupIntent', id)) {
    useCard(tx, session, method, session.inner.setupFor)
  }
}

/** Charges a saved card from now on: for one subscription, or for all that have no card of their own. */
export function useCard(
  tx: Transaction,
  session: Session,
  method: string,
  subscription: string | null,
): void {
  if (subscription === null) {
    updateCustomer(tx, tx.get('customer', session.customer), {
      invoice_settings: { default_payment_method: method },
    })
  } else {
    updateSubscription(tx, subscription, { default_payment_method: method })
  }
}

/** What would be without a card if this one were removed; null when nothing would. */
export function usesOfCard(
  tx: Transaction,
  customer: Documents['customer'],
  method: string,
): 'default' | 'subscription' | null {
  if (customer.invoice_settings.default_payment_method === method) return 'default'
  const isInUse = tx
    .where('subscription', 'customer', customer.id)
    .some(
      (subscription) => !isEnded(subscription) && subscription.default_payment_method === method,
    )
  return isInUse ? 'subscription' : null
}

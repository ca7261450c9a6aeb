import { assertNever } from '../kit/assert.ts'
import { endAllOfCustomer } from './billing/cancellation.ts'
import { onInvoicePaymentSettled } from './billing/collection.ts'
import { onChargeDisputed } from './billing/disputed-payments.ts'
import { onSetupSettled } from './billing/pending-setups.ts'
import { onInvoiceClosed, onInvoiceUnpaid } from './billing/subscription-status.ts'
import { onCheckoutIntentSettled } from './checkout/completion.ts'
import { onSubscriptionChanged } from './entitlements/active-entitlements.ts'
import { onPortalSetupSettled } from './portal/cards.ts'
import { cancelAllOfCustomer, onSubscriptionEnded } from './schedules/lifecycle.ts'
import type { Notice } from './store/notices.ts'
import type { Transaction } from './store/transaction.ts'

/** Who listens to what. The order within a case is the order in which things happen. */
export function react(tx: Transaction, notice: Notice): void {
  switch (notice.type) {
    case 'payment_intent.settled':
      onInvoicePaymentSettled(tx, notice.id)
      onCheckoutIntentSettled(tx, 'payment_intent', notice.id)
      return
    case 'setup_intent.settled':
      onSetupSettled(tx, notice.id)
      onCheckoutIntentSettled(tx, 'setup_intent', notice.id)
      onPortalSetupSettled(tx, notice.id)
      return
    case 'invoice.closed':
      onInvoiceClosed(tx, notice.id)
      return
    case 'invoice.unpaid':
      onInvoiceUnpaid(tx, notice.id, notice.isFinal)
      return
    case 'charge.disputed':
      onChargeDisputed(tx, notice.id)
      return
    case 'customer.deleted':
      endAllOfCustomer(tx, notice.id)
      cancelAllOfCustomer(tx, notice.id)
      return
    case 'subscription.changed':
      onSubscriptionChanged(tx, notice.id)
      return
    case 'subscription.ended':
      onSubscriptionEnded(tx, notice.id)
      return
    default:
      assertNever(notice)
  }
}

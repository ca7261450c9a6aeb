import { endSubscription } from '../billing/cancellation.ts'
import { updateSubscription } from '../billing/subscription-edit.ts'
import { isEnded } from '../billing/subscription-work.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  BillingPortalConfiguration,
  SubscriptionUpdateParamsCancellationDetails,
} from '../stripe.generated.ts'

type CancelFeature = BillingPortalConfiguration['features']['subscription_cancel']
export type Feedback = CancelFeature['cancellation_reason']['options'][number]

export interface CancelWish {
  readonly feedback: Feedback | null
  readonly comment: string | null
}

/** Ends a subscription as the configuration says: with its period, or at once. */
export function cancelInPortal(
  tx: Transaction,
  id: string,
  feature: CancelFeature,
  { feedback, comment }: CancelWish,
): void {
  if (feature.mode === 'immediately') {
    endSubscription(tx, id, {
      reason: 'cancellation_requested',
      feedback,
      comment,
      prorates: feature.proration_behavior !== 'none',
      invoicesNow: feature.proration_behavior === 'always_invoice',
    })
    return
  }
  const details: SubscriptionUpdateParamsCancellationDetails = {
    ...(feedback === null ? {} : { feedback }),
    ...(comment === null ? {} : { comment }),
  }
  // Flexible subscriptions get a date and no flag: who looks at the flag only does not see it, as at Stripe.
  const isFlexible = tx.get('subscription', id).billing_mode.type === 'flexible'
  updateSubscription(tx, id, {
    ...(isFlexible ? { cancel_at: 'max_period_end' } : { cancel_at_period_end: true }),
    cancellation_details: details,
  })
}

/** Takes a planned cancellation back. */
export function renewInPortal(tx: Transaction, id: string): void {
  const subscription = tx.get('subscription', id)
  updateSubscription(
    tx,
    id,
    subscription.cancel_at_period_end ? { cancel_at_period_end: false } : { cancel_at: null },
  )
}

export function canCancel(subscription: Documents['subscription']): boolean {
  return !isEnded(subscription) && subscription.cancel_at === null && subscription.schedule === null
}

export function canRenew(subscription: Documents['subscription']): boolean {
  return !isEnded(subscription) && subscription.cancel_at !== null && subscription.schedule === null
}

import type { StripeSubscription } from '../../stripe/subscriptions.ts'
import type { Subscription } from './subscription.ts'

/**
 * What Stripe's state of a subscription means for ours. Access follows from the times; the payment status is taken from
 * the invoices and stands elsewhere. A status we do not know changes nothing but is kept, and reported by the caller.
 */
export function applyStripeState(
  subscription: Subscription,
  stripe: StripeSubscription,
): Subscription {
  if (!isKnownStatus(stripe.status)) return { ...subscription, providerStatus: stripe.status }
  const hasStarted = stripe.status !== 'incomplete' && stripe.status !== 'incomplete_expired'
  const hasEnded = stripe.status === 'canceled' || stripe.status === 'incomplete_expired'
  const isPaused = stripe.status === 'paused'
  const wasResumed = subscription.pausedAt !== null && !isPaused
  const endsAt = hasEnded ? (stripe.endedAt ?? stripe.cancelRequestedAt ?? stripe.startsAt) : null
  return {
    ...subscription,
    // A first payment long after the start still opens access from the start, as Stripe bills it.
    activatedAt: subscription.activatedAt ?? (hasStarted ? stripe.startsAt : null),
    collection: stripe.collection,
    trialEndsAt: stripe.trialEndsAt,
    billingAnchor: stripe.billingAnchor,
    pausedAt: isPaused
      ? (subscription.pausedAt ?? stripe.pausedAt ?? stripe.currentPeriod.startsAt)
      : null,
    // What was asked for before Stripe had paused it stands until it goes on.
    resumesAt: wasResumed ? null : subscription.resumesAt,
    resumingAt: isPaused ? subscription.resumingAt : null,
    cancelAt: hasEnded ? subscription.cancelAt : stripe.cancelAt,
    cancelRequestedAt: stripe.cancelRequestedAt,
    endsAt,
    closedAt: endsAt,
    endReason: hasEnded ? (stripe.cancelReason ?? 'canceled') : null,
    providerStatus: stripe.status,
  }
}

const KNOWN = new Set([
  'active',
  'canceled',
  'incomplete',
  'incomplete_expired',
  'past_due',
  'paused',
  'trialing',
  'unpaid',
])

export function isKnownStatus(status: string): boolean {
  return KNOWN.has(status)
}

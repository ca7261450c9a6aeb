import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { formatDate } from '../../../ui/format.ts'

export type Subscription = NonNullable<ResponseOf<'get', '/api/v1/portal/overview'>['subscription']>

export interface SubscriptionState {
  readonly word: string
  readonly tone: Tone
  /** What will happen next and when: `Renews on Apr 16, 2026.` */
  readonly next: string
}

/** Where a subscription stands, for the one who pays for it. Payment first: it is what they can do something about. */
export function subscriptionState(subscription: Subscription): SubscriptionState {
  const { lifecycle, paymentStatus, trialEndsAt, startsAt, resumesAt, change } = subscription
  const end = subscription.endsAt ?? subscription.cancelAt
  switch (lifecycle) {
    case 'incomplete':
      return {
        word: 'waiting for payment',
        tone: 'warning',
        next: 'It starts when the first payment is confirmed.',
      }
    case 'expired':
      return {
        word: 'not started',
        tone: 'neutral',
        next: 'The first payment was not completed in time.',
      }
    case 'scheduled':
      return { word: 'scheduled', tone: 'info', next: `Starts on ${formatDate(startsAt)}.` }
    case 'paused':
      return {
        word: 'paused',
        tone: 'warning',
        next:
          resumesAt === null
            ? 'Calls are refused until it is resumed.'
            : `Resumes on ${formatDate(resumesAt)}; calls are refused until then.`,
      }
    case 'ended':
      return {
        word: 'ended',
        tone: 'neutral',
        next: end === null ? 'It has ended.' : `Ended on ${formatDate(end)}.`,
      }
    case 'canceling':
      // The old plan ends so that the next one can begin; nobody has canceled.
      if (change?.state === 'scheduled') return untilChange(change)
      return {
        word: 'canceled',
        tone: 'warning',
        next: end === null ? 'It will not renew.' : `Access until ${formatDate(end)}.`,
      }
    case 'trialing':
    case 'active': {
      if (paymentStatus === 'uncollectible') {
        return { word: 'unpaid', tone: 'danger', next: 'Calls are refused until it is paid.' }
      }
      if (paymentStatus === 'failed') {
        return { word: 'payment overdue', tone: 'danger', next: 'The last payment failed.' }
      }
      const renews = subscription.currentPeriod?.endsAt
      if (lifecycle === 'trialing') {
        return {
          word: 'trial',
          tone: 'info',
          next: trialEndsAt === null ? '' : `The trial ends on ${formatDate(trialEndsAt)}.`,
        }
      }
      if (change?.state === 'scheduled') return untilChange(change)
      const next = renews === undefined ? '' : `Renews on ${formatDate(renews)}.`
      return { word: 'active', tone: 'success', next }
    }
  }
}

function untilChange(change: NonNullable<Subscription['change']>): SubscriptionState {
  const on = formatDate(change.effectiveAt)
  const next = {
    plan: `${change.planName} begins on ${on}.`,
    add_ons: `Renews on ${on} with other add-ons.`,
    terms: `Renews on ${on} on other terms.`,
  }[change.kind]
  return { word: 'active', tone: 'success', next }
}

/** Whether it gives access now, or would if it were paid. */
export function isRunning({ lifecycle }: Pick<Subscription, 'lifecycle'>): boolean {
  return ['active', 'trialing', 'canceling', 'paused'].includes(lifecycle)
}

/** What is paused can always go on; pausing is for the plan to allow. */
export function mayPauseOrResume({
  lifecycle,
  mayPause,
  change,
}: Pick<Subscription, 'lifecycle' | 'mayPause' | 'change'>): boolean {
  return lifecycle === 'paused' || (lifecycle === 'active' && mayPause && change === null)
}

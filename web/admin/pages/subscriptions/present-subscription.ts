import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'

export type Subscription = ResponseOf<'get', '/api/v1/subscriptions/{subscriptionId}'>

const LIFECYCLES: Record<Subscription['lifecycle'], Word> = {
  incomplete: { word: 'incomplete', tone: 'warning' },
  expired: { word: 'expired', tone: 'neutral' },
  scheduled: { word: 'scheduled', tone: 'info' },
  trialing: { word: 'trial', tone: 'accent' },
  active: { word: 'active', tone: 'success' },
  canceling: { word: 'canceling', tone: 'warning' },
  paused: { word: 'paused', tone: 'warning' },
  ended: { word: 'ended', tone: 'neutral' },
}

const PAYMENTS: Record<Subscription['paymentStatus'], Word> = {
  not_required: { word: 'nothing to pay', tone: 'neutral' },
  pending: { word: 'pending', tone: 'neutral' },
  paid: { word: 'paid', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
  uncollectible: { word: 'uncollectible', tone: 'danger' },
}

export function lifecycleOf({ lifecycle }: Pick<Subscription, 'lifecycle'>): Word {
  return LIFECYCLES[lifecycle]
}

/** The other axis: a subscription can be active and unpaid at once. */
export function paymentOf({ paymentStatus }: Pick<Subscription, 'paymentStatus'>): Word {
  return PAYMENTS[paymentStatus]
}

export const PAYMENT_STATUSES = Object.keys(PAYMENTS) as Subscription['paymentStatus'][]

export const PAYMENT_STATUS_OPTIONS = PAYMENT_STATUSES.map((value) => ({
  value,
  label: PAYMENTS[value].word,
}))

const ENGINES: Record<Subscription['engine'], string> = {
  stripe_subscription: 'Stripe subscription',
  stripe_invoice: 'Rated here, invoiced through Stripe',
  offline: 'Paid outside Stripe',
}

export function engineOf({ engine }: Pick<Subscription, 'engine'>): string {
  return ENGINES[engine]
}

/** What happens next to it, and when; undefined when nothing does. */
export function nextOf(
  subscription: Pick<
    Subscription,
    'lifecycle' | 'cancelAt' | 'endsAt' | 'trialEndsAt' | 'resumesAt' | 'currentPeriod'
  >,
): { readonly label: string; readonly at: string } | undefined {
  const { lifecycle, cancelAt, endsAt, trialEndsAt, resumesAt, currentPeriod } = subscription
  if (lifecycle === 'ended' || lifecycle === 'expired') {
    return endsAt === null ? undefined : { label: 'Ended', at: endsAt }
  }
  const end = cancelAt ?? endsAt
  if (end !== null) return { label: 'Ends', at: end }
  // Nothing renews in a pause, and one without an end waits for somebody.
  if (lifecycle === 'paused') {
    return resumesAt === null ? undefined : { label: 'Resumes', at: resumesAt }
  }
  if (lifecycle === 'trialing' && trialEndsAt !== null)
    return { label: 'Trial ends', at: trialEndsAt }
  return currentPeriod === null ? undefined : { label: 'Renews', at: currentPeriod.endsAt }
}

/** The instant a day begins in UTC; null for no day. */
export function startOfDay(day: string): string | null {
  return day === '' ? null : `${day}T00:00:00Z`
}

/** Why it can no longer be canceled; undefined when it can. */
export function refusalToCancel({
  lifecycle,
}: Pick<Subscription, 'lifecycle'>): string | undefined {
  if (lifecycle === 'ended' || lifecycle === 'expired') return 'It has ended already.'
  return undefined
}

/** Why there is nothing to resume; undefined when there is. */
export function refusalToResume({
  lifecycle,
}: Pick<Subscription, 'lifecycle'>): string | undefined {
  if (lifecycle === 'canceling' || lifecycle === 'paused') return undefined
  return lifecycle === 'ended' || lifecycle === 'expired'
    ? 'What has ended cannot be resumed; the customer subscribes anew.'
    : 'It is neither paused nor being canceled.'
}

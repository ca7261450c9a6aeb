import { assertNever } from '../../kit/assert.ts'
import { formatInstant, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { ErrorCode } from '../../errors.ts'
import type { Suspension } from '../accounts/customer.ts'
import type { ApiKey } from '../keys/api-key.ts'
import { effectiveEnd, lifecycleAt, type Subscription } from '../subscriptions/subscription.ts'

/** All that decides whether a key may call at all. What it may consume is decided after this. */
export interface AccessFacts {
  readonly key: Pick<ApiKey, 'state' | 'expiresAt'>
  readonly suspensions: readonly Suspension[]
  readonly subscription: Subscription | null
  /** When access with an overdue invoice stops; null when nothing is overdue. */
  readonly graceEndsAt: Instant | null
}

export type AccessDecision =
  | { readonly kind: 'allowed'; readonly notice: BillingNotice | null }
  | Refusal

export interface Refusal {
  readonly kind: 'refused'
  readonly code: ErrorCode
  readonly params: Readonly<Record<string, string>>
  readonly actions: readonly RefusalAction[]
}

/** What the caller can do about a refusal; programs follow `rel`. */
export type RefusalAction =
  | 'wait'
  | 'upgrade'
  | 'subscribe'
  | 'resume'
  | 'pay'
  | 'top_up'
  | 'update_payment_method'
  | 'create_key'
  | 'raise_budget'
  | 'contact_support'

/** Said in a response header while access still works. */
export interface BillingNotice {
  readonly status: 'payment_overdue'
  readonly graceEndsAt: Instant
}

const ALLOWED: AccessDecision = { kind: 'allowed', notice: null }

/**
 * May this key call at `now`? The checks stop at the first that fails: key, customer, lifecycle, payment.
 * An operator's override wins over everything but the key itself.
 */
export function decideAccess(facts: AccessFacts, now: Instant): AccessDecision {
  const { subscription } = facts
  const keyRefusal = refuseKey(facts.key, now)
  if (keyRefusal !== undefined) return keyRefusal

  const override = subscription?.accessOverride ?? null
  if (override?.kind === 'allow_until' && now < override.until) return ALLOWED
  if (override?.kind === 'deny') {
    return refuse('customer_suspended', { reason: override.note }, 'contact_support')
  }

  const [suspension] = facts.suspensions
  if (suspension !== undefined) return refuseSuspended(suspension)
  if (subscription === null) return refuse('no_active_subscription', {}, 'subscribe')
  return refuseLifecycle(subscription, now) ?? decidePayment(facts, subscription, now)
}

/** One step of a timeline: from this instant on, this is the decision. */
export interface AccessStep {
  readonly from: Instant
  readonly decision: AccessDecision
}

/**
 * The decision as a function of time. Whoever holds it, such as a gateway, decides every later request without
 * asking again: keys that expire, subscriptions that end and grace that runs out need no message.
 */
export function accessTimeline(facts: AccessFacts): AccessStep[] {
  const { subscription } = facts
  const override = subscription?.accessOverride
  const changes = [
    facts.key.expiresAt,
    facts.graceEndsAt,
    subscription?.startsAt ?? null,
    subscription?.overdueSince ?? null,
    subscription === null ? null : effectiveEnd(subscription),
    override?.kind === 'allow_until' ? override.until : null,
  ].filter((at) => at !== null)
  const instants = [Number.NEGATIVE_INFINITY, ...new Set(changes.toSorted((a, b) => a - b))]
  return instants.map((from) => ({ from, decision: decideAccess(facts, from) }))
}

/** The step in force at `now`. A timeline is never empty. */
export function stepAt(timeline: readonly AccessStep[], now: Instant): AccessDecision {
  let decision = timeline[0]?.decision ?? ALLOWED
  for (const step of timeline) {
    if (step.from > now) break
    decision = step.decision
  }
  return decision
}

/** Stripe's clock and ours may be so far apart. */
const CLOCK_SKEW_MS = MINUTE_MS

/**
 * Stripe says when a subscription it sold starts, and its clock may be ahead of ours. Who has just paid is not sent away
 * for that: a moment before the start is the start, for the decision as for the period usage is counted in.
 */
export function startedNow(now: Instant, startsAt: Instant | null): Instant {
  return startsAt !== null && now < startsAt && startsAt - now <= CLOCK_SKEW_MS ? startsAt : now
}

function refuseKey(key: AccessFacts['key'], now: Instant): Refusal | undefined {
  if (key.state === 'revoked') return refuse('key_revoked', {}, 'create_key')
  if (key.expiresAt !== null && key.expiresAt <= now) {
    return refuse('key_expired', { expiredAt: formatInstant(key.expiresAt) }, 'create_key')
  }
  return key.state === 'disabled' ? refuse('key_disabled', {}, 'contact_support') : undefined
}

function refuseSuspended({ reason }: Suspension): Refusal {
  const action = reason === 'payment' ? 'pay' : 'contact_support'
  const remedy = reason === 'payment_method_removed' ? 'update_payment_method' : action
  return refuse('customer_suspended', { reason: reason.replaceAll('_', ' ') }, remedy)
}

function refuseLifecycle(subscription: Subscription, now: Instant): Refusal | undefined {
  const lifecycle = lifecycleAt(subscription, now)
  switch (lifecycle) {
    case 'incomplete':
      return refuse('payment_incomplete', {}, 'pay')
    case 'expired':
      return refuse('no_active_subscription', {}, 'subscribe')
    case 'scheduled':
      return refuse(
        'subscription_scheduled',
        { startsAt: formatInstant(subscription.startsAt) },
        'wait',
      )
    case 'paused':
      return refuse('subscription_paused', {}, 'resume')
    case 'ended':
      return refuse(
        'subscription_ended',
        { endedAt: formatInstant(effectiveEnd(subscription) ?? now) },
        'subscribe',
      )
    case 'trialing':
    case 'active':
    case 'canceling':
      return undefined
    default:
      return assertNever(lifecycle)
  }
}

/** Payment is a second axis: an overdue invoice blocks after its grace, a written-off one at once. */
function decidePayment(
  { graceEndsAt }: AccessFacts,
  { paymentStatus, overdueSince }: Subscription,
  now: Instant,
): AccessDecision {
  switch (paymentStatus) {
    case 'not_required':
    case 'paid':
      return ALLOWED
    case 'uncollectible':
      return refuse('payment_uncollectible', {}, 'pay')
    case 'pending':
    case 'failed': {
      if (graceEndsAt === null || overdueSince === null) return ALLOWED
      // What was sent is not owed before its date.
      if (now < overdueSince) return ALLOWED
      if (now < graceEndsAt) {
        return { kind: 'allowed', notice: { status: 'payment_overdue', graceEndsAt } }
      }
      const params = { overdueSince: formatInstant(overdueSince) }
      return refuse('payment_overdue', params, 'update_payment_method')
    }
    default:
      return assertNever(paymentStatus)
  }
}

function refuse(
  code: ErrorCode,
  params: Readonly<Record<string, string>>,
  ...actions: readonly RefusalAction[]
): Refusal {
  return { kind: 'refused', code, params, actions }
}

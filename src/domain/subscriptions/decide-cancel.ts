import type { ErrorCode } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import { isFreePhase, type PlanDefinition } from '../catalog/plan.ts'
import { lifecycleAt, type Subscription } from './subscription.ts'

/** `default`: at the end of what is paid for, at once where nothing is. */
export type CancelTiming = 'default' | 'period_end' | 'now'

export type CancelDecision =
  | { readonly kind: 'now' }
  | { readonly kind: 'at'; readonly cancelAt: Instant }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly params: Readonly<Record<string, string>>
    }

export function decideCancel(
  subscription: Subscription,
  definition: PlanDefinition,
  timing: CancelTiming,
  now: Instant,
): CancelDecision {
  const lifecycle = lifecycleAt(subscription, now)
  if (lifecycle === 'ended' || lifecycle === 'expired') {
    return { kind: 'refused', code: 'subscription_is_over', params: {} }
  }
  if (timing !== 'now' && subscription.cancelAt !== null) {
    return { kind: 'refused', code: 'already_canceling', params: {} }
  }
  const phase = definition.phases.find(({ key }) => key === subscription.phaseKey)
  const isFree =
    lifecycle === 'trialing' || lifecycle === 'incomplete' || (phase && isFreePhase(phase))
  const cancelAt = subscription.currentPeriod?.endsAt
  // Nothing is paid for while it is paused, so there is no end of that to wait for.
  if (
    lifecycle === 'paused' ||
    timing === 'now' ||
    cancelAt === undefined ||
    (timing === 'default' && isFree === true)
  ) {
    return { kind: 'now' }
  }
  return { kind: 'at', cancelAt }
}

export type ResumeDecision =
  | { readonly kind: 'resume' }
  | {
      readonly kind: 'refused'
      readonly code: ErrorCode
      readonly params: Readonly<Record<string, string>>
    }

/** Takes a scheduled cancellation back, before the end only. */
export function decideResume(subscription: Subscription, now: Instant): ResumeDecision {
  const lifecycle = lifecycleAt(subscription, now)
  if (lifecycle === 'ended' || lifecycle === 'expired') {
    return { kind: 'refused', code: 'subscription_is_over', params: {} }
  }
  if (subscription.cancelAt === null)
    return { kind: 'refused', code: 'nothing_to_resume', params: {} }
  return { kind: 'resume' }
}

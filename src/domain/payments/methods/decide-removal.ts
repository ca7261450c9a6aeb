import type { Instant } from '../../../kit/instant.ts'
import { boundary, duration, parseDuration } from '../../../kit/period.ts'

/** What it means that a customer's last payment method is gone. */
export type RemovalPolicy =
  | { readonly kind: 'none' }
  | { readonly kind: 'notify' }
  /** Without another method by then, what is paid for ends. */
  | { readonly kind: 'downgrade_after'; readonly after: string }
  | { readonly kind: 'suspend' }

/** Reads `none`, `notify`, `suspend` or `downgrade_after(P7D)`. */
export function parseRemovalPolicy(text: string): RemovalPolicy | undefined {
  if (text === 'none' || text === 'notify' || text === 'suspend') return { kind: text }
  const after = /^downgrade_after\((\w+)\)$/.exec(text)?.[1]
  if (after === undefined || parseDuration(after) === undefined) return undefined
  return { kind: 'downgrade_after', after }
}

export interface RemovalFacts {
  readonly policy: RemovalPolicy
  readonly usableBefore: number
  readonly usableNow: number
  /** Whether anything is left that will have to be paid by a method: an open paid subscription, an unpaid invoice. */
  readonly paysByMethod: boolean
  /** Until when another method is waited for already. */
  readonly deadline: Instant | null
  readonly isSuspended: boolean
}

export type RemovalDecision =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'notify' }
  | { readonly kind: 'wait'; readonly dueAt: Instant }
  | { readonly kind: 'suspend' }
  /** There is a method again: what its absence brought about is taken back, and nothing else. */
  | { readonly kind: 'restore' }

/**
 * What follows when a customer's payment methods have changed. Only the change from some to none is a removal; a customer
 * who never had a method, or pays otherwise, is left alone.
 */
export function decideRemoval(facts: RemovalFacts, now: Instant): RemovalDecision {
  const { policy, usableBefore, usableNow, paysByMethod, deadline, isSuspended } = facts
  if (usableNow > 0) {
    return deadline !== null || isSuspended ? { kind: 'restore' } : { kind: 'nothing' }
  }
  if (usableBefore === 0 || !paysByMethod) return { kind: 'nothing' }
  switch (policy.kind) {
    case 'none':
      return { kind: 'nothing' }
    case 'notify':
    case 'suspend':
      return { kind: policy.kind }
    case 'downgrade_after':
      return { kind: 'wait', dueAt: boundary(now, duration(policy.after), 1) }
  }
}

import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { PlanChange } from '../subscriptions/changes/plan-change.ts'
import { effectiveEnd, lifecycleAt, type Subscription } from '../subscriptions/subscription.ts'
import type { Audience, Member, MemberState, Migration } from './migration.ts'

export interface Candidate {
  readonly subscription: Pick<Subscription, 'customerId' | 'currency'>
  readonly version: number
}

/** Whether a subscriber of the plan is meant. Whoever is on the version already is not. */
export function isMeant(
  { subscription, version }: Candidate,
  { fromVersions, currency, customerIds, excludedCustomerIds }: Audience,
  toVersion: number,
): boolean {
  const { customerId } = subscription
  return (
    version !== toVersion &&
    (fromVersions === null || fromVersions.includes(version)) &&
    (currency === null || subscription.currency === currency) &&
    (customerIds === null || customerIds.includes(customerId)) &&
    !excludedCustomerIds.includes(customerId)
  )
}

export interface MemberFacts {
  readonly migration: Pick<Migration, 'timing' | 'noticeDays' | 'toVersionId'>
  readonly member: Pick<Member, 'state' | 'noticedAt' | 'changeId'>
  readonly subscription: Subscription
  /** The change of plan this member goes by, once there is one. */
  readonly change: PlanChange | undefined
  /** Any change under way, this member's or another. */
  readonly open: PlanChange | undefined
  readonly now: Instant
}

export type MemberStep =
  /** Nothing to do until time passes or somebody acts. */
  | { readonly kind: 'wait' }
  | { readonly kind: 'tell' }
  | { readonly kind: 'change'; readonly timing: 'at_period_end' | 'immediate' }
  /** A change to the version that is there already is the member's. */
  | { readonly kind: 'adopt'; readonly changeId: string }
  | { readonly kind: 'settle'; readonly state: MemberState; readonly reason: string | null }

/** The next step of a member, from what there is. Asked again before anything happened it is the same. */
export function decideMember(facts: MemberFacts): MemberStep {
  const { migration, member, subscription, change, open, now } = facts
  if (subscription.planVersionId === migration.toVersionId) {
    return { kind: 'settle', state: 'moved', reason: null }
  }
  if (member.state === 'scheduled' && change !== undefined) return followChange(change)
  const lifecycle = lifecycleAt(subscription, now)
  if (lifecycle !== 'active' && lifecycle !== 'trialing') {
    return { kind: 'settle', state: 'skipped', reason: `The subscription is ${lifecycle}.` }
  }
  if (open !== undefined) {
    const isOurs = open.startsBy === 'migrate' && open.targetVersionId === migration.toVersionId
    return isOurs ? { kind: 'adopt', changeId: open.id } : { kind: 'wait' }
  }
  if (member.noticedAt === null) return { kind: 'tell' }
  const from = member.noticedAt + migration.noticeDays * DAY_MS
  if (migration.timing === 'immediate') {
    return now < from ? { kind: 'wait' } : { kind: 'change', timing: 'immediate' }
  }
  const renewsAt = renewalOf(subscription)
  const isNoticeKept = renewsAt !== null && from <= renewsAt && now < renewsAt
  return isNoticeKept ? { kind: 'change', timing: 'at_period_end' } : { kind: 'wait' }
}

/** When the member is to be told it moves: an instant, or null for a renewal that lies further ahead than is known. */
export function movesAt(
  { timing, noticeDays }: Pick<Migration, 'timing' | 'noticeDays'>,
  subscription: Subscription,
  now: Instant,
): Instant | null {
  const from = now + noticeDays * DAY_MS
  if (timing === 'immediate') return from
  const renewsAt = renewalOf(subscription)
  return renewsAt !== null && from <= renewsAt ? renewsAt : null
}

function renewalOf(subscription: Subscription): Instant | null {
  return effectiveEnd(subscription) === null ? (subscription.currentPeriod?.endsAt ?? null) : null
}

function followChange({ state, error }: PlanChange): MemberStep {
  switch (state) {
    case 'applied':
      return { kind: 'settle', state: 'moved', reason: null }
    case 'canceled':
      return { kind: 'settle', state: 'excluded', reason: 'The change was taken back.' }
    case 'failed':
      return { kind: 'settle', state: 'skipped', reason: error ?? 'The change failed.' }
    case 'quoted':
    case 'executing':
    case 'awaiting_payment':
    case 'scheduled':
    case 'set_aside':
      return { kind: 'wait' }
  }
}

import type { Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import {
  firstPaidPhase,
  isFreePhase,
  type PlanDefinition,
  type ProrationPolicy,
} from '../../catalog/plan.ts'
import type { PlanChange } from '../../subscriptions/changes/plan-change.ts'
import type { SubscriptionOverrides } from '../../subscriptions/overrides.ts'
import {
  billingPeriodAt,
  cadencePeriodAt,
  carryFees,
  endTerms,
  feesUntil,
  type PlanTermsInput,
  type Term,
  termsOfPlan,
} from '../terms.ts'

/** The plan version a subscription moves to. */
export interface ChangeTarget {
  readonly planKey: string
  readonly planVersion: number
  readonly definition: PlanDefinition
  /** Null begins with the first phase that costs something: a trial is for new customers. */
  readonly startingPhaseKey: string | null
  /** What the subscription has in place of what the plan says from then on. */
  readonly overrides: SubscriptionOverrides
}

export interface ChangedTerms {
  /** The old term, ended; empty when the change is at its very start. */
  readonly before: readonly Term[]
  readonly after: readonly Term[]
  /** What the change closes of the billing period; null when it falls on its boundary. */
  readonly closed: Period | null
  /** The billing period the customer is in after the change. */
  readonly opened: Period
}

/**
 * The terms before and after a change. The plan that is left decides how: its anchor and usage carry on, or both begin
 * anew at the change. One policy governs a change, because halves of two do not fit together.
 */
export function changeTerms(
  term: Term,
  target: ChangeTarget,
  at: Instant,
  startsBy: NonNullable<PlanChange['startsBy']>,
): ChangedTerms {
  const { anchor, onPlanChange } = term.definition.proration
  const period = billingPeriodAt([term], at)
  const isInside = period !== undefined && period.startsAt < at
  // Leaving a trial begins the first period that is paid for, so there is no rhythm to keep.
  const isTrial = isTrialTerm(term)
  const keepsAnchor = anchor === 'keep' && !isTrial
  const isSameCadence = target.definition.billingCadence === term.definition.billingCadence
  const after = termsOfPlan({
    ...target,
    ...startingPhase(term, target, at, startsBy),
    startsAt: at,
    endsAt: null,
    startsBy,
    endsBy: null,
    // Nothing was paid for a trial.
    feesFrom: isInside && !isTrial ? feesUntil(term, at) : at,
    billingAnchor: keepsAnchor ? term.billingAnchor : null,
    usageAnchor: onPlanChange === 'carry_usage' ? term.usageAnchor : at,
    timeZone: term.timeZone,
    trialAnchor: 'end',
  }).map((next) =>
    keepsAnchor && isSameCadence ? { ...next, mirroredPeriod: term.mirroredPeriod } : next,
  )
  const ended = endTerms([term], at, startsBy)
  const joined = carryFees([...ended, ...after])
  const before = joined.slice(0, ended.length)
  const [first] = after
  if (first === undefined) throw new RangeError('A plan has at least one phase')
  return {
    before,
    after: joined.slice(ended.length),
    closed: isInside ? { startsAt: period.startsAt, endsAt: at } : null,
    opened: billingPeriodAt(after, at) ?? cadencePeriodAt(first, at),
  }
}

/**
 * A term as an override leaves it: what the plan says about changes to other plans must not restart the period or the
 * quota of somebody who gets better terms of the same one.
 */
export function leftByOverride(term: Term): Term {
  const { mode } = term.definition.proration
  const proration: ProrationPolicy = {
    mode: mode === 'none' ? 'none' : 'time_based',
    anchor: 'keep',
    onPlanChange: 'carry_usage',
    allowIncoherent: false,
  }
  return { ...term, definition: { ...term.definition, proration } }
}

export function isTrialTerm({ phase }: Pick<Term, 'phase'>): boolean {
  return isFreePhase(phase) && phase.duration !== null
}

/**
 * Other terms of the same plan, and a newer version of it, happen inside a phase, which goes on to its end. Any other
 * change begins with a phase of the target.
 */
function startingPhase(
  { phase, endsAt }: Term,
  { definition, startingPhaseKey }: ChangeTarget,
  at: Instant,
  startsBy: Term['startsBy'],
): Pick<PlanTermsInput, 'startingPhaseKey' | 'startingPhaseEndsAt'> {
  const current = definition.phases.findIndex(({ key }) => key === phase.key)
  const isKept = startsBy === 'migrate' && current !== -1 && !isFreePhase(phase)
  if (startsBy !== 'override' && !isKept) {
    const key = startingPhaseKey ?? firstPaidPhase(definition)?.key ?? null
    return { startingPhaseKey: key, startingPhaseEndsAt: null }
  }
  if (endsAt === null || at < endsAt) {
    return { startingPhaseKey: phase.key, startingPhaseEndsAt: endsAt }
  }
  const next = definition.phases[current + 1] ?? phase
  return { startingPhaseKey: next.key, startingPhaseEndsAt: null }
}

import type { Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import { firstPaidPhase, isFreePhase, type PlanDefinition } from '../../catalog/plan.ts'
import {
  billingPeriodAt,
  cadencePeriodAt,
  endTerms,
  feesUntil,
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
  startsBy: 'change' | 'migrate',
): ChangedTerms {
  const { anchor, onPlanChange } = term.definition.proration
  const period = billingPeriodAt([term], at)
  const isInside = period !== undefined && period.startsAt < at
  // Leaving a trial begins the first period that is paid for, so there is no rhythm to keep.
  const isTrial = isFreePhase(term.phase) && term.phase.duration !== null
  const keepsAnchor = anchor === 'keep' && !isTrial
  const isSameCadence = target.definition.billingCadence === term.definition.billingCadence
  const after = termsOfPlan({
    ...target,
    startingPhaseKey: target.startingPhaseKey ?? firstPaidPhase(target.definition)?.key ?? null,
    startingPhaseEndsAt: null,
    startsAt: at,
    endsAt: null,
    startsBy,
    endsBy: null,
    feesFrom: isInside ? feesUntil(term, at) : at,
    billingAnchor: keepsAnchor ? term.billingAnchor : null,
    usageAnchor: onPlanChange === 'carry_usage' ? term.usageAnchor : at,
    timeZone: term.timeZone,
    trialAnchor: 'end',
  }).map((next) =>
    keepsAnchor && isSameCadence ? { ...next, mirroredPeriod: term.mirroredPeriod } : next,
  )
  const [first] = after
  if (first === undefined) throw new RangeError('A plan has at least one phase')
  return {
    before: endTerms([term], at, startsBy),
    after,
    closed: isInside ? { startsAt: period.startsAt, endsAt: at } : null,
    opened: billingPeriodAt(after, at) ?? cadencePeriodAt(first, at),
  }
}

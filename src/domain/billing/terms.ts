import { calendarAnchor, boundary, duration, type Period, periodAt } from '../../kit/period.ts'
import { invariant } from '../../kit/assert.ts'
import type { Instant } from '../../kit/instant.ts'
import {
  isFreePhase,
  type PlanDefinition,
  type PlanPhase,
  type PlanVersion,
  type RateCard,
} from '../catalog/plan.ts'
import type { SubscriptionOverrides } from '../subscriptions/subscription.ts'
import { billingRule } from './billing-rule.ts'

/**
 * What a subscription is sold under from one instant to another: one phase of one plan version. A subscription's
 * history and its foreseeable future are a list of terms without gaps; everything that is billed is billed under one.
 */
export interface Term {
  readonly planKey: string
  readonly planVersion: number
  readonly definition: PlanDefinition
  /** Of the definition, with what an operator overrode for this subscription applied: `overriddenPhase`. */
  readonly phase: PlanPhase
  readonly startsAt: Instant
  /** Null while no end is known. */
  readonly endsAt: Instant | null
  readonly startsBy: 'subscribe' | 'phase' | 'change' | 'migrate' | 'resume'
  readonly endsBy: 'phase' | 'change' | 'migrate' | 'cancel' | 'pause' | null
  /**
   * Fees are charged from here to there. Plans without proration leave the rest of a period to the version it began
   * with: its fees reach beyond its end, and those of the next one begin later than it does.
   */
  readonly feesFrom: Instant
  readonly feesUntil: Instant | null
  /** Billing periods are counted from here; never after `startsAt`. */
  readonly billingAnchor: Instant
  /** Usage before this does not count against what is included. A fresh quota moves it. */
  readonly usageAnchor: Instant
  /** The customer's; calendar boundaries look at it. */
  readonly timeZone: string
  /** The current period as Stripe reports it, where Stripe does the counting; it wins over ours. */
  readonly mirroredPeriod: Period | null
}

export interface PlanTermsInput {
  readonly planKey: string
  readonly planVersion: number
  readonly definition: PlanDefinition
  readonly startsAt: Instant
  readonly endsAt: Instant | null
  readonly startsBy: 'subscribe' | 'change' | 'migrate' | 'resume'
  readonly endsBy: Term['endsBy']
  /** Where in the plan to begin; null begins with its first phase. */
  readonly startingPhaseKey: string | null
  /** When that phase ends, where it is not what its duration says: a longer trial, a phase that began earlier. */
  readonly startingPhaseEndsAt: Instant | null
  /** Null: from the beginning. */
  readonly feesFrom: Instant | null
  /** Null: the plan's alignment decides. Given when a change keeps the anchor the subscription has. */
  readonly billingAnchor: Instant | null
  readonly usageAnchor: Instant | null
  readonly timeZone: string
  /** Whether the periods that are paid for are counted from the end of a free trial or from its beginning. */
  readonly trialAnchor: 'end' | 'start'
}

/** The terms of one stay on a plan: its phases one after the other, the last one open-ended. */
export function termsOfPlan(input: PlanTermsInput): Term[] {
  const { definition, startsAt, endsAt, timeZone } = input
  const phases = phasesFrom(definition, input.startingPhaseKey)
  const terms: Term[] = []
  let from = startsAt
  let isPaying = false
  let anchor = input.billingAnchor ?? anchorFor(definition, from, timeZone)
  for (const [i, phase] of phases.entries()) {
    if (endsAt !== null && from >= endsAt) break
    if (!isPaying && !isFreePhase(phase)) {
      isPaying = true
      if (i > 0 && input.billingAnchor === null && input.trialAnchor === 'end') {
        anchor = anchorFor(definition, from, timeZone)
      }
    }
    const until = phaseEnd(phase, from, i === 0 ? input.startingPhaseEndsAt : null)
    const isCut = endsAt !== null && (until === null || endsAt <= until)
    terms.push({
      planKey: input.planKey,
      planVersion: input.planVersion,
      definition,
      phase,
      startsAt: from,
      endsAt: isCut ? endsAt : until,
      startsBy: i === 0 ? input.startsBy : 'phase',
      endsBy: isCut ? input.endsBy : until === null ? null : 'phase',
      feesFrom: Math.max(from, input.feesFrom ?? from),
      feesUntil: isCut ? endsAt : until,
      billingAnchor: anchor,
      usageAnchor: input.usageAnchor ?? startsAt,
      timeZone,
      mirroredPeriod: null,
    })
    if (isCut || until === null) break
    from = until
  }
  return terms
}

/** The terms of a plan bought at an instant, from its first phase on or, without a trial, from a later one. */
export function termsOfPurchase(
  { planKey, version, definition }: Pick<PlanVersion, 'planKey' | 'version' | 'definition'>,
  startsAt: Instant,
  timeZone: string,
  startingPhaseKey: string | null = null,
): Term[] {
  return termsOfPlan({
    planKey,
    planVersion: version,
    definition,
    startsAt,
    endsAt: null,
    startsBy: 'subscribe',
    endsBy: null,
    startingPhaseKey,
    startingPhaseEndsAt: null,
    feesFrom: null,
    billingAnchor: null,
    usageAnchor: null,
    timeZone,
    trialAnchor: 'end',
  })
}

/** The phase a subscription really has: what an operator granted beyond the plan takes the plan's place. */
export function overriddenPhase(
  phase: PlanPhase,
  { quotas = {} }: SubscriptionOverrides,
): PlanPhase {
  const rateCards = phase.rateCards.map((card): RateCard => {
    const { entitlement, featureKey } = card
    const issueAfterReset = featureKey === null ? undefined : quotas[featureKey]
    if (entitlement?.type !== 'metered' || issueAfterReset === undefined) return card
    return { ...card, entitlement: { ...entitlement, issueAfterReset } }
  })
  return { ...phase, rateCards }
}

/** Ends a list of terms at an instant, as a change or a cancellation does. */
export function endTerms(
  terms: readonly Term[],
  at: Instant,
  endsBy: 'change' | 'migrate' | 'cancel' | 'pause',
): Term[] {
  return terms
    .filter((term) => term.startsAt < at)
    .map((term) => {
      if (term.endsAt !== null && term.endsAt < at) return term
      return { ...term, endsAt: at, endsBy, feesUntil: feesUntil(term, at, endsBy) }
    })
}

/** Without proration, the fee of the period in which a plan is left is due in full. */
export function feesUntil(term: Term, leftAt: Instant, endsBy: Term['endsBy'] = 'change'): Instant {
  if (term.definition.proration.mode !== 'none' || endsBy === 'pause') return leftAt
  return cadencePeriodAt(term, leftAt - 1).endsAt
}

export function termAt(terms: readonly Term[], at: Instant): Term | undefined {
  return terms.find((term) => term.startsAt <= at && (term.endsAt === null || at < term.endsAt))
}

/** The whole period of the plan's cadence around an instant. */
export function cadencePeriodAt(term: Term, at: Instant): Period {
  return wholePeriodAt(term, term.definition.billingCadence, at)
}

/** The whole period of any cadence around an instant of the term, counted from the billing anchor. */
export function wholePeriodAt(term: Term, cadence: string, at: Instant): Period {
  const { mirroredPeriod, definition } = term
  const isMirrored =
    mirroredPeriod !== null && cadence === definition.billingCadence && covers(mirroredPeriod, at)
  if (isMirrored) return mirroredPeriod
  invariant(term.billingAnchor <= at, 'a billing anchor lies at or before what it anchors')
  const { anchor, timeZone } = billingRule(definition, term.billingAnchor, term.timeZone)
  const { startsAt, endsAt } = periodAt(anchor, duration(cadence), at, timeZone)
  return { startsAt, endsAt }
}

/**
 * The billing period an instant lies in: the plan's cadence counted from the anchor, cut where a term begins or ends.
 * So a trial is never invoiced together with the first paid days, and a change closes what came before it.
 */
export function billingPeriodAt(terms: readonly Term[], at: Instant): Period | undefined {
  const term = termAt(terms, at)
  if (term === undefined) return undefined
  const whole = cadencePeriodAt(term, at)
  return {
    startsAt: Math.max(whole.startsAt, term.startsAt),
    endsAt: Math.min(whole.endsAt, term.endsAt ?? whole.endsAt),
  }
}

function covers(period: Period, at: Instant): boolean {
  return period.startsAt <= at && at < period.endsAt
}

function phasesFrom(definition: PlanDefinition, startingPhaseKey: string | null): PlanPhase[] {
  if (startingPhaseKey === null) return [...definition.phases]
  const first = definition.phases.findIndex(({ key }) => key === startingPhaseKey)
  if (first === -1) throw new RangeError(`The plan has no phase ${startingPhaseKey}`)
  return definition.phases.slice(first)
}

function phaseEnd(phase: PlanPhase, from: Instant, toldEnd: Instant | null): Instant | null {
  if (phase.duration === null) return null
  return toldEnd ?? boundary(from, duration(phase.duration), 1)
}

function anchorFor(definition: PlanDefinition, at: Instant, timeZone: string): Instant {
  if (definition.alignment === 'anniversary') return at
  const rule = billingRule(definition, at, timeZone)
  return calendarAnchor(at, rule.length, rule.timeZone)
}

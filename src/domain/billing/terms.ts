import { calendarAnchor, boundary, duration, type Period, periodAt } from '../../kit/period.ts'
import type { Instant } from '../../kit/instant.ts'
import {
  isFreePhase,
  type PlanDefinition,
  type PlanPhase,
  type PlanVersion,
  type Price,
} from '../catalog/plan.ts'
import {
  NO_OVERRIDES,
  overriddenPhase,
  type SubscriptionOverrides,
} from '../subscriptions/overrides.ts'
import { billingRule } from './billing-rule.ts'

/**
 * What a subscription is sold under from one instant to another: one phase of one plan version. A subscription's
 * history and its foreseeable future are a list of terms without gaps; everything that is billed is billed under one.
 */
export interface Term {
  readonly planKey: string
  readonly planVersion: number
  readonly definition: PlanDefinition
  /** Of the definition, with `overrides` applied. */
  readonly phase: PlanPhase
  /** What an operator agreed for this subscription in place of what the plan says. */
  readonly overrides: SubscriptionOverrides
  readonly startsAt: Instant
  /** Null while no end is known. */
  readonly endsAt: Instant | null
  readonly startsBy: 'subscribe' | 'phase' | 'change' | 'migrate' | 'override' | 'resume'
  readonly endsBy: 'phase' | 'change' | 'migrate' | 'override' | 'cancel' | 'pause' | null
  /**
   * Fees are charged from here to there. Plans without proration leave the rest of a period to the version it began
   * with: its fees reach beyond its end, and those of the next one begin later than it does.
   */
  readonly feesFrom: Instant
  readonly feesUntil: Instant | null
  /** Cards that an override leaves as they are: the rest of their period was paid with the term before. */
  readonly feesPaidBefore: readonly string[]
  /** The same cards of the term before: what they cost reaches beyond its end. */
  readonly feesPaidBeyond: readonly string[]
  /** Billing periods are counted from here; never after `startsAt`. */
  readonly billingAnchor: Instant
  /** Usage before this does not count against what is included. A fresh quota moves it. */
  readonly usageAnchor: Instant
  /** The customer's; calendar boundaries look at it. */
  readonly timeZone: string
  /** The current period as Stripe reports it, where Stripe does the counting; it wins over ours. */
  readonly mirroredPeriod: Period | null
  /** We bill what of its first period is left, and Stripe's subscription bills from the second on. */
  readonly isOpenedHere: boolean
}

export interface PlanTermsInput {
  readonly planKey: string
  readonly planVersion: number
  readonly definition: PlanDefinition
  readonly startsAt: Instant
  readonly endsAt: Instant | null
  readonly startsBy: Exclude<Term['startsBy'], 'phase'>
  readonly endsBy: Term['endsBy']
  readonly overrides: SubscriptionOverrides
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
    const told = phaseEnd(phase, from, i === 0 ? input.startingPhaseEndsAt : null)
    const until = told === null ? null : endInStripe({ ...input, phase, anchor }, told)
    const isCut = endsAt !== null && (until === null || endsAt <= until)
    terms.push({
      planKey: input.planKey,
      planVersion: input.planVersion,
      definition,
      phase: overriddenPhase(phase, input.overrides),
      overrides: input.overrides,
      startsAt: from,
      endsAt: isCut ? endsAt : until,
      startsBy: i === 0 ? input.startsBy : 'phase',
      endsBy: isCut ? input.endsBy : until === null ? null : 'phase',
      feesFrom: Math.max(from, input.feesFrom ?? from),
      feesUntil: isCut ? endsAt : until,
      feesPaidBefore: [],
      feesPaidBeyond: [],
      billingAnchor: anchor,
      usageAnchor: input.usageAnchor ?? startsAt,
      timeZone,
      mirroredPeriod: null,
      isOpenedHere: false,
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
    overrides: NO_OVERRIDES,
    startingPhaseKey,
    startingPhaseEndsAt: null,
    feesFrom: null,
    billingAnchor: null,
    usageAnchor: null,
    timeZone,
    trialAnchor: 'end',
  })
}

/** Ends a list of terms at an instant, as a change or a cancellation does. */
export function endTerms(
  terms: readonly Term[],
  at: Instant,
  endsBy: Exclude<Term['endsBy'], 'phase' | null>,
): Term[] {
  return terms
    .filter((term) => term.startsAt < at)
    .map((term) => {
      if (term.endsAt !== null && term.endsAt < at) return term
      return { ...term, endsAt: at, endsBy, feesUntil: feesUntil(term, at, endsBy) }
    })
}

/**
 * An override in the middle of a period touches only what it changes: fees it leaves as they are stay paid for the whole
 * period, instead of being given back and charged again.
 */
export function carryFees(terms: readonly Term[]): Term[] {
  return terms.map((term, i) => {
    const before = terms[i - 1]
    const after = terms[i + 1]
    return {
      ...term,
      feesPaidBefore: before === undefined ? [] : feesLeftAlone(before, term),
      feesPaidBeyond: after === undefined ? [] : feesLeftAlone(term, after),
    }
  })
}

function feesLeftAlone(before: Term, after: Term): string[] {
  if (after.startsBy !== 'override' || before.endsAt !== after.startsAt) return []
  const costOf = ({ prices, discounts }: PlanPhase['rateCards'][number]) =>
    JSON.stringify([prices, discounts])
  return before.phase.rateCards
    .filter((card) => Object.values(card.prices ?? {}).every(isPaidAhead) && card.prices !== null)
    .filter(({ key, ...card }) => {
      const next = after.phase.rateCards.find((candidate) => candidate.key === key)
      return next !== undefined && costOf({ key, ...card }) === costOf(next)
    })
    .map(({ key }) => key)
}

function isPaidAhead(price: Price): boolean {
  return price.type === 'flat' && price.paymentTerm === 'in_advance'
}

/** Without proration, the fee of the period in which a plan is left is due in full. */
export function feesUntil(term: Term, leftAt: Instant, endsBy: Term['endsBy'] = 'change'): Instant {
  if (term.definition.proration.mode !== 'none' || endsBy === 'pause') return leftAt
  return cadencePeriodAt(term, leftAt - 1).endsAt
}

/** The plan's, where add-ons have terms beside it. */
export function termAt(terms: readonly Term[], at: Instant): Term | undefined {
  return termsAt(terms, at)[0]
}

/** The term of the plan, and those of add-ons beside it. */
export function termsAt(terms: readonly Term[], at: Instant): Term[] {
  return terms.filter((term) => term.startsAt <= at && (term.endsAt === null || at < term.endsAt))
}

/** The whole period of the plan's cadence around an instant. */
export function cadencePeriodAt(term: Term, at: Instant): Period {
  return wholePeriodAt(term, term.definition.billingCadence, at)
}

/** The whole period of any cadence around an instant of the term, counted from the billing anchor. */
export function wholePeriodAt(term: Term, cadence: string, at: Instant): Period {
  const { mirroredPeriod, definition } = term
  const isMirrored =
    mirroredPeriod !== null &&
    cadence === definition.billingCadence &&
    // What is before the first of a calendar is a part of a period: Stripe's bounds of it are not those of the whole.
    definition.alignment === 'anniversary' &&
    term.billingAnchor <= at &&
    covers(mirroredPeriod, at)
  if (isMirrored) return mirroredPeriod
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

/** We billed the period it is in, and Stripe, which bills those after it, could give nothing of that back. */
export function isOpenedHereAt(terms: readonly Term[], at: Instant): boolean {
  const term = termAt(terms, at)
  if (term?.isOpenedHere !== true) return false
  const first = billingPeriodAt(terms, term.startsAt)
  return first !== undefined && at < first.endsAt
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

/**
 * Stripe exchanges prices where it renews, and charges a period whole: what is left of one in which a phase runs out is
 * the phase's still. So a phase counted from 28 February is over on the 30th where the anchor is a 31st.
 */
function endInStripe(
  {
    definition,
    phase,
    anchor,
    timeZone,
  }: Pick<PlanTermsInput, 'definition' | 'timeZone'> & Pick<Term, 'phase'> & { anchor: Instant },
  endsAt: Instant,
): Instant {
  if (definition.engine !== 'stripe_subscription' || isFreePhase(phase)) return endsAt
  const rule = billingRule(definition, anchor, timeZone)
  return periodAt(rule.anchor, rule.length, endsAt - 1, rule.timeZone).endsAt
}

function anchorFor(definition: PlanDefinition, at: Instant, timeZone: string): Instant {
  if (definition.alignment === 'anniversary') return at
  const rule = billingRule(definition, at, timeZone)
  return calendarAnchor(at, rule.length, rule.timeZone)
}

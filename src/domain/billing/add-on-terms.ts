import type { Instant } from '../../kit/instant.ts'
import { type HeldAddOn, isSameAddOn, phaseWithAddOns, pricedCards } from '../catalog/add-ons.ts'
import { isFreePhase, type ProrationPolicy } from '../catalog/plan.ts'
import { NO_OVERRIDES } from '../subscriptions/overrides.ts'
import type { Term } from './terms.ts'

/** An add-on that is added or given up is charged by time, whatever the plan says about leaving the plan. */
export const ADD_ON_PRORATION: ProrationPolicy = {
  mode: 'time_based',
  anchor: 'keep',
  onPlanChange: 'carry_usage',
  allowIncoherent: false,
}

/** An add-on from when until when. */
export interface Holding extends HeldAddOn {
  readonly startsAt: Instant
  readonly endsAt: Instant | null
}

/**
 * What add-ons cost, as terms beside those of the plan: its times are the limits, its anchor and its periods count. A
 * change of plan that keeps them does not touch an add-on, so its terms are as long as that.
 */
export function addOnTerms(planTerms: readonly Term[], holdings: readonly Holding[]): Term[] {
  const spans = planTerms.filter(({ phase }) => !isFreePhase(phase)).reduce(joinSpans, [])
  return holdings.flatMap((holding) => spans.flatMap((span) => termWithin(span, holding) ?? []))
}

/** A term with what its subscription grants in all. */
export function grantedTerm(term: Term, held: readonly HeldAddOn[]): Term {
  return { ...term, phase: phaseWithAddOns(term.phase, held) }
}

function joinSpans(spans: readonly Term[], next: Term): Term[] {
  const last = spans.at(-1)
  const goesOn =
    last !== undefined &&
    last.endsAt === next.startsAt &&
    last.billingAnchor === next.billingAnchor &&
    last.definition.billingCadence === next.definition.billingCadence
  if (!goesOn) return [...spans, next]
  const { endsAt, endsBy, mirroredPeriod } = next
  return [...spans.slice(0, -1), { ...last, endsAt, endsBy, mirroredPeriod }]
}

function termWithin(span: Term, holding: Holding): Term | undefined {
  const { version } = holding
  const startsAt = Math.max(span.startsAt, holding.startsAt)
  const ends = [span.endsAt, holding.endsAt].filter((end) => end !== null)
  const endsAt = ends.length === 0 ? null : Math.min(...ends)
  if (endsAt !== null && endsAt <= startsAt) return undefined
  const [phase] = version.definition.phases
  if (phase === undefined) return undefined
  return {
    ...span,
    planKey: version.planKey,
    planVersion: version.version,
    definition: { ...span.definition, proration: ADD_ON_PRORATION },
    phase: { ...phase, rateCards: pricedCards(holding) },
    startsAt,
    endsAt,
    startsBy: startsAt === span.startsAt ? span.startsBy : 'change',
    endsBy: endsAt === null ? null : endsAt === span.endsAt ? span.endsBy : 'change',
    feesFrom: startsAt,
    feesUntil: endsAt,
    // What is agreed is agreed for the plan, whose rate cards may have the same keys.
    overrides: NO_OVERRIDES,
    feesPaidBefore: [],
    feesPaidBeyond: [],
  }
}

/** The holdings with other add-ons from an instant on. */
export function holdingsFrom(
  holdings: readonly Holding[],
  wanted: readonly HeldAddOn[],
  at: Instant,
): Holding[] {
  const before = holdings.filter(({ startsAt }) => startsAt < at)
  const kept = before.filter(
    (holding) => holding.endsAt === null && wanted.some((each) => isSameAddOn(each, holding)),
  )
  const ended = before
    .filter((holding) => !kept.includes(holding))
    .map((holding) => ({ ...holding, endsAt: Math.min(holding.endsAt ?? at, at) }))
  const added = wanted
    .filter((each) => !kept.some((holding) => isSameAddOn(each, holding)))
    .map((each) => ({ ...each, startsAt: at, endsAt: null }))
  return [...ended, ...kept, ...added]
}

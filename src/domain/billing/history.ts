import type { Period } from '../../kit/period.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Stay } from '../subscriptions/stays/stay.ts'
import { carryFees, endTerms, type Term, termsOfPlan } from './terms.ts'

/** A stay with the plan version it is on. */
export interface StayedAt {
  readonly stay: Stay
  readonly version: PlanVersion
}

/** The terms of a subscription from its beginning on: those of its stays one after the other. */
export function termsOfStays(
  stays: readonly StayedAt[],
  timeZone: string,
  /** The current period as Stripe reports it, where Stripe does the counting. */
  mirroredPeriod: Period | null,
): Term[] {
  const terms = stays.flatMap(({ stay, version }) => {
    const whole = termsOfPlan({
      planKey: version.planKey,
      planVersion: version.version,
      definition: version.definition,
      startsAt: stay.startsAt,
      endsAt: null,
      startsBy: stay.startsBy,
      endsBy: null,
      overrides: stay.overrides,
      startingPhaseKey: stay.startingPhaseKey,
      startingPhaseEndsAt: stay.phaseEndsAt,
      feesFrom: stay.feesFrom,
      billingAnchor: stay.billingAnchor,
      usageAnchor: stay.usageAnchor,
      timeZone,
      trialAnchor: 'end',
    })
    const ended =
      stay.endsAt === null || stay.endsBy === null
        ? whole
        : endTerms(whole, stay.endsAt, stay.endsBy)
    return ended.map((term, i) => {
      const opened = { ...term, isOpenedHere: stay.isOpenedHere && i === 0 }
      return {
        ...opened,
        mirroredPeriod: stay.endsAt === null ? whereItApplies(opened, mirroredPeriod) : null,
      }
    })
  })
  return carryFees(terms)
}

/** A period Stripe reports is that of the term it lies in, not of a trial before it or a phase behind it. */
function whereItApplies(term: Term, period: Period | null): Period | null {
  if (period === null || period.startsAt < term.billingAnchor) return null
  // The first one is a part of a whole that Stripe does not know of.
  if (term.isOpenedHere && period.startsAt <= term.startsAt) return null
  const isWithin = term.endsAt === null || period.startsAt < term.endsAt
  return isWithin && period.endsAt > term.startsAt ? period : null
}

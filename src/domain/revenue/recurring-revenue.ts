import type { Currency } from '../../kit/currency.ts'
import {
  type Fraction,
  FRACTION_ONE,
  FRACTION_ZERO,
  maxFraction,
  minFraction,
  multiplyFractions,
  subtractFractions,
  sumFractions,
} from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import { appliesTo, couponDiscounts } from '../billing/coupons.ts'
import { applyDiscounts } from '../billing/rating/discounts.ts'
import { fromMinor, roundToCharge } from '../billing/rating/rounding.ts'
import { type Term, termsAt } from '../billing/terms.ts'
import { isFreePhase } from '../catalog/plan.ts'
import { monthlyPriceOf, periodsPerMonth } from '../catalog/monthly-price.ts'
import { couponsInForce, type Redeemed } from '../coupons/in-force.ts'

/** What is committed per month from an instant on, until the next step; before the first step it is nothing. */
export interface RevenueStep {
  readonly at: Instant
  readonly amountMinor: bigint
}

/** What was sold to somebody, with everything that says what it costs. */
export interface SoldTerms {
  /** Those of the plan and of add-ons beside it. */
  readonly terms: readonly Term[]
  readonly redeemed: readonly Redeemed[]
  readonly currency: Currency
  /** From when on nobody believes any more that it is paid. */
  readonly givenUpAt: Instant | null
}

/** The monthly recurring revenue of a subscription over its whole life; each amount is rounded once. */
export function recurringRevenue(sold: SoldTerms): RevenueStep[] {
  const { givenUpAt, redeemed, terms } = sold
  const spans = [...terms, ...redeemed.map(({ redemption }) => redemption)]
  const changes = [...spans.flatMap(({ startsAt, endsAt }) => [startsAt, endsAt]), givenUpAt]
  const times = [...new Set(changes.filter((at) => at !== null))].toSorted((a, b) => a - b)
  const steps = times.map((at) => {
    const isGivenUp = givenUpAt !== null && at >= givenUpAt
    return { at, amountMinor: isGivenUp ? 0n : amountAt(sold, at) }
  })
  return withoutRepetition(steps)
}

/** Several subscriptions as one. */
export function addRevenue(all: readonly (readonly RevenueStep[])[]): RevenueStep[] {
  const deltas = new Map<Instant, bigint>()
  for (const steps of all) {
    let before = 0n
    for (const { at, amountMinor } of steps) {
      deltas.set(at, (deltas.get(at) ?? 0n) + amountMinor - before)
      before = amountMinor
    }
  }
  let amountMinor = 0n
  const times = [...deltas.keys()].toSorted((a, b) => a - b)
  return withoutRepetition(
    times.map((at) => {
      amountMinor += deltas.get(at) ?? 0n
      return { at, amountMinor }
    }),
  )
}

/** Just before an instant: where an interval ends, the next one has begun. */
export function revenueBefore(steps: readonly RevenueStep[], at: Instant): bigint {
  return steps.findLast((step) => step.at < at)?.amountMinor ?? 0n
}

export interface TrialEnd {
  readonly at: Instant
  /** A phase that costs something came next. */
  readonly isConverted: boolean
}

/** Where free phases of plans that cost something ended, and what became of them. */
export function trialEnds(planTerms: readonly Term[]): TrialEnd[] {
  return planTerms.flatMap((term, i): TrialEnd[] => {
    const { endsAt } = term
    if (endsAt === null || !isTrial(term)) return []
    const next = planTerms[i + 1]
    const follows = next !== undefined && next.startsAt === endsAt ? next : undefined
    if (follows !== undefined && isTrial(follows)) return []
    return [{ at: endsAt, isConverted: follows !== undefined && !isFreePhase(follows.phase) }]
  })
}

function isTrial({ phase, definition }: Term): boolean {
  return isFreePhase(phase) && !definition.phases.every(isFreePhase)
}

function amountAt({ terms, redeemed, currency }: SoldTerms, at: Instant): bigint {
  const present = termsAt(terms, at)
  const [plan] = present
  if (plan === undefined) return 0n
  // What is off the first invoice only does not recur.
  const recurring = redeemed.filter(({ coupon }) => coupon.definition.duration.type !== 'once')
  const coupons = couponsInForce(recurring, at, currency)
  const cards = present.flatMap(({ planKey, phase }) =>
    phase.rateCards.map((card) => {
      const charged = { planKey, rateCardKey: card.key }
      const price = monthlyPriceOf(card, currency)
      const { amount } = applyDiscounts(price, couponDiscounts(coupons, charged), FRACTION_ONE)
      return { charged, amount }
    }),
  )
  const total = sumFractions(cards.map(({ amount }) => amount))
  const left = coupons.reduce<Fraction>((rest, coupon) => {
    if (coupon.off.type === 'percentage') return rest
    const eligible = cards.filter(({ charged }) => appliesTo(coupon, charged))
    const most = sumFractions(eligible.map(({ amount }) => amount))
    const perMonth = periodsPerMonth(plan.definition.billingCadence)
    const off = multiplyFractions(fromMinor(coupon.off.amountMinor, currency), perMonth)
    return maxFraction(FRACTION_ZERO, subtractFractions(rest, minFraction(off, most)))
  }, total)
  return roundToCharge(left, currency)
}

function withoutRepetition(steps: readonly RevenueStep[]): RevenueStep[] {
  return steps.filter(({ amountMinor }, i) => amountMinor !== (steps[i - 1]?.amountMinor ?? 0n))
}

import { assertNever } from '../../kit/assert.ts'
import type { Currency } from '../../kit/currency.ts'
import { type Decimal, formatDecimal, ZERO } from '../../kit/decimal.ts'
import {
  compareFractions,
  type Fraction,
  formatFraction,
  fraction,
  FRACTION_ONE,
  FRACTION_ZERO,
  minFraction,
  multiplyFractions,
  subtractFractions,
} from '../../kit/fraction.ts'
import { formatInstant, type Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import type { ProrationPolicy } from '../catalog/plan.ts'
import type { UnusedTimeStep } from './derivation.ts'
import { isoPeriod, secondsBetween } from './rating/charge.ts'
import { fromMinor, roundToCharge } from './rating/rounding.ts'

/** A fee that was invoiced in advance for time that is not over. */
export interface PaidFee {
  readonly rateCardKey: string
  readonly name: string
  readonly planKey: string
  readonly planVersion: number
  readonly phaseKey: string
  /** What was really asked for it: after discounts, before tax. */
  readonly paidMinor: bigint
  /** What earlier changes in the same period gave back of it already, as a positive amount. */
  readonly creditedMinor: bigint
  readonly period: Period
}

/** How far the quota of a feature is used up in its current window. */
export interface QuotaUse {
  readonly featureKey: string
  readonly used: Decimal
  /** Null is unlimited, of which nothing can be used up. */
  readonly granted: Decimal | null
}

export interface Unused {
  readonly share: Fraction
  /** The quota that was used further than time had passed; null where time decides. */
  readonly decidedBy: QuotaUse | null
}

/**
 * Which share of a fee paid in advance a change leaves unused. By time; or by the larger of time and quota, so that
 * nobody uses a quota up and gets half the price back; or not at all.
 */
export function unusedShare(
  mode: ProrationPolicy['mode'],
  period: Period,
  at: Instant,
  quotas: readonly QuotaUse[],
): Unused {
  const elapsed = elapsedShare(period, at)
  switch (mode) {
    case 'none':
      return { share: FRACTION_ZERO, decidedBy: null }
    case 'time_based':
    case 'full_reset':
      return { share: subtractFractions(FRACTION_ONE, elapsed), decidedBy: null }
    case 'max_consumption_based': {
      let used = elapsed
      let decidedBy: QuotaUse | null = null
      for (const quota of quotas) {
        const share = usedShare(quota)
        if (compareFractions(share, used) <= 0) continue
        used = share
        decidedBy = quota
      }
      return { share: subtractFractions(FRACTION_ONE, used), decidedBy }
    }
    default:
      return assertNever(mode)
  }
}

export interface UnusedCredit {
  /** Zero or negative. */
  readonly amountMinor: bigint
  readonly step: UnusedTimeStep
}

/**
 * The credit for what is unused of a fee, rounded once: minus the rounded share, as Stripe computes it from what was
 * really billed. Together with earlier credits it never exceeds what was paid. Null where there is nothing to credit.
 */
export function creditUnused(
  fee: PaidFee,
  mode: ProrationPolicy['mode'],
  at: Instant,
  quotas: readonly QuotaUse[],
  currency: Currency,
): UnusedCredit | null {
  if (mode === 'none') return null
  const { share, decidedBy } = unusedShare(mode, fee.period, at, quotas)
  const unusedMinor = roundToCharge(
    multiplyFractions(fromMinor(fee.paidMinor, currency), share),
    currency,
  )
  const leftMinor = fee.paidMinor - fee.creditedMinor
  const creditMinor = unusedMinor < leftMinor ? unusedMinor : leftMinor
  if (creditMinor <= 0n) return null
  const from = Math.max(at, fee.period.startsAt)
  return {
    amountMinor: -creditMinor,
    step: {
      kind: 'unused_time',
      mode,
      paid: formatFraction(fromMinor(fee.paidMinor, currency)),
      paidFor: isoPeriod(fee.period),
      unusedFrom: formatInstant(from),
      remainingSeconds: secondsBetween(from, fee.period.endsAt),
      wholeSeconds: secondsBetween(fee.period.startsAt, fee.period.endsAt),
      usedShare:
        decidedBy === null
          ? null
          : {
              featureKey: decidedBy.featureKey,
              used: formatDecimal(decidedBy.used),
              granted: formatDecimal(decidedBy.granted ?? ZERO),
            },
      amount: formatFraction(fromMinor(-creditMinor, currency)),
    },
  }
}

/** How much of a period is over, between 0 and 1. */
export function elapsedShare({ startsAt, endsAt }: Period, at: Instant): Fraction {
  const elapsedMs = Math.min(Math.max(at, startsAt), endsAt) - startsAt
  return fraction(elapsedMs, endsAt - startsAt)
}

function usedShare({ used, granted }: QuotaUse): Fraction {
  if (granted === null || granted <= ZERO || used <= ZERO) return FRACTION_ZERO
  return minFraction(FRACTION_ONE, fraction(used, granted))
}

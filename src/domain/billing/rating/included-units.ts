import { assertNever } from '../../../kit/assert.ts'
import { type Decimal, decimal, ZERO } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { MeteredEntitlement, RateCard } from '../../catalog/plan.ts'
import { windowAt, windowRule } from '../../entitlements/grants.ts'
import type { Piece } from '../pieces.ts'
import type { UsagePrice } from './rate-price.ts'
import { freeTierBound } from './tiered.ts'

/** What a rate card includes before its price applies, and how often anew. */
export type Allowance =
  | { readonly kind: 'none' }
  | { readonly kind: 'unlimited' }
  | {
      readonly kind: 'units'
      readonly units: Decimal
      readonly entitlement: MeteredEntitlement
      /** Where the paid tiers begin, when the price contains the allowance as its first tier; else zero. */
      readonly paidFrom: Decimal
    }

/**
 * Only a limit whose excess is billed includes what lies below it. A limit that blocks or throttles is a cap on what
 * is bought from the first unit on; one that only warns bills nothing at all.
 */
export function allowanceOf(card: RateCard, price: UsagePrice): Allowance {
  const { entitlement } = card
  if (entitlement?.type !== 'metered') return { kind: 'none' }
  switch (entitlement.onLimit) {
    case 'block':
    case 'throttle':
      return { kind: 'none' }
    case 'warn':
      return { kind: 'unlimited' }
    case 'bill_overage': {
      if (entitlement.issueAfterReset === null) return { kind: 'unlimited' }
      const units = decimal(entitlement.issueAfterReset)
      if (units === ZERO) return { kind: 'none' }
      const paidFrom = (price.type === 'tiered' ? freeTierBound(price) : undefined) ?? ZERO
      return { kind: 'units', units, entitlement, paidFrom }
    }
    default:
      return assertNever(entitlement.onLimit)
  }
}

/** The part of a usage window that lies in a piece. */
export interface WindowSlice extends Period {
  /** Null when nothing is included and windows do not matter. */
  readonly window: Period | null
  /** From here to `startsAt`, usage has already taken its share of what the window includes. */
  readonly countsFrom: Instant
}

/** The usage windows a piece spans: what is included is included in each of them. */
export function slicesOf(piece: Piece, allowance: Allowance): WindowSlice[] {
  const { term, startsAt, endsAt } = piece
  if (allowance.kind !== 'units') return [{ window: null, countsFrom: startsAt, startsAt, endsAt }]
  const rule = windowRule(allowance.entitlement, term.definition, term, term.timeZone)
  const slices: WindowSlice[] = []
  let at = startsAt
  while (at < endsAt) {
    const window = windowAt(rule, at)
    slices.push({
      window,
      countsFrom: Math.min(at, Math.max(window.startsAt, term.usageAnchor)),
      startsAt: at,
      endsAt: Math.min(window.endsAt, endsAt),
    })
    at = window.endsAt
  }
  return slices
}

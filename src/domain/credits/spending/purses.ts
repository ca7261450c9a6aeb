import {
  add,
  type Decimal,
  decimal,
  divide,
  maxDecimal,
  minDecimal,
  subtract,
  ZERO,
} from '../../../kit/decimal.ts'
import { fractionToDecimal, multiplyFractions, toFraction } from '../../../kit/fraction.ts'
import type { Instant } from '../../../kit/instant.ts'
import { availableCredits, type CreditAccount, type LedgerCause } from '../account.ts'
import { decideReserve, type Hold } from '../ledger.ts'
import type { Burn } from './burn.ts'

/** A balance that may pay for a feature, and what a unit of the feature costs in it. */
export interface Purse {
  readonly account: CreditAccount
  readonly unit: string
  readonly perUnit: Decimal
}

/** What a number of units took from one purse. */
export interface Share {
  readonly unit: string
  readonly perUnit: Decimal
  readonly units: Decimal
  readonly holds: readonly Hold[]
}

/** Gateways count in millionths of a unit; what is smaller stays in the purse. */
const MICRO = 1_000_000n

/** How many units of the feature all purses together pay for. */
export function affordableUnits(
  purses: readonly Purse[],
  featureKey: string,
  now: Instant,
): Decimal {
  return purses.reduce((sum, purse) => add(sum, affordableBy(purse, featureKey, now)), ZERO)
}

/** Holds units on the purses, in their order; each gives what it has. */
export function holdUnits(
  units: Decimal,
  purses: readonly Purse[],
  { featureKey, now, cause }: { featureKey: string; now: Instant; cause: LedgerCause },
): {
  readonly shares: readonly Share[]
  readonly purses: readonly Purse[]
  readonly missing: Decimal
} {
  let missing = units
  const shares: Share[] = []
  const after = purses.map((purse): Purse => {
    const taken = minDecimal(missing, affordableBy(purse, featureKey, now))
    if (taken <= ZERO) return purse
    const available = availableCredits(purse.account, featureKey, now)
    const amount = minDecimal(costOf(taken, purse.perUnit), available)
    const decision = decideReserve(purse.account, amount, { featureKey, cause, now, isSoft: false })
    if (decision.kind === 'refused') return purse
    missing = subtract(missing, taken)
    const { unit, perUnit } = purse
    shares.push({ unit, perUnit, units: taken, holds: decision.holds })
    return { ...purse, account: decision.account }
  })
  return { shares, purses: after, missing }
}

export function costOf(units: Decimal, perUnit: Decimal): Decimal {
  return fractionToDecimal(multiplyFractions(toFraction(units), toFraction(perUnit)))
}

function affordableBy({ account, perUnit }: Purse, featureKey: string, now: Instant): Decimal {
  const available = maxDecimal(ZERO, availableCredits(account, featureKey, now))
  const units = (available * 10n ** 12n) / perUnit
  return ((units / MICRO) * MICRO) as Decimal
}

/** Held on one grant for units that were leased and not yet accounted for. */
export interface Lease {
  readonly id: bigint
  readonly unit: string
  readonly perUnit: Decimal
  readonly grantId: string
  readonly amount: Decimal
}

export interface LeasePart extends Lease {
  /** The units this part of the lease is for. */
  readonly units: Decimal
}

/** The parts of leases that so many units are, in the order the leases stand in; and the units that are on none. */
export function partsOf(
  units: Decimal,
  leases: readonly Lease[],
): { readonly parts: readonly LeasePart[]; readonly left: Decimal } {
  let left = units
  const parts: LeasePart[] = []
  for (const lease of leases) {
    if (left <= ZERO) break
    const cost = costOf(left, lease.perUnit)
    const isWhole = cost >= lease.amount
    const taken = isWhole ? minDecimal(left, divide(lease.amount, lease.perUnit)) : left
    parts.push({ ...lease, amount: isWhole ? lease.amount : cost, units: taken })
    left = subtract(left, taken)
  }
  // What two roundings leave over is no unit anybody used.
  return { parts, left: left < (MICRO as Decimal) ? decimal(0) : left }
}

/**
 * What of burns is for so many units, the last that would have been used first: rates are in the order in which they
 * pay. A part of a burn costs its share of it.
 */
export function unburnedParts(
  units: Decimal,
  burns: readonly Burn[],
  rates: readonly { readonly unit: string }[],
): Burn[] {
  const rank = ({ unit }: Burn) => rates.findIndex((rate) => rate.unit === unit)
  let left = units
  return burns
    .toSorted((a, b) => rank(b) - rank(a) || b.at - a.at || (a.grantId < b.grantId ? 1 : -1))
    .flatMap((burn) => {
      const taken = minDecimal(left, burn.units)
      if (taken <= ZERO) return []
      left = subtract(left, taken)
      if (taken === burn.units) return [burn]
      return [{ ...burn, units: taken, amount: ((burn.amount * taken) / burn.units) as Decimal }]
    })
}

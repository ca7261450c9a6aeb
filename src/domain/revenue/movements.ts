import type { Instant } from '../../kit/instant.ts'
import type { Period } from '../../kit/period.ts'
import { divideRounded } from '../../kit/decimal.ts'
import { revenueBefore, type RevenueStep } from './recurring-revenue.ts'

export type MovementKind = 'new' | 'expansion' | 'contraction' | 'churned' | 'reactivation'

/** Every amount positive; the kind says which way it goes. */
export interface Movement {
  readonly kind: MovementKind
  readonly at: Instant
  readonly amountMinor: bigint
}

/** How the revenue of all customers in one currency moved between two instants. */
export interface RevenueInterval extends Period {
  readonly startMinor: bigint
  readonly endMinor: bigint
  readonly movements: Readonly<Record<MovementKind, bigint>>
  /** Customers with recurring revenue. */
  readonly customersAtStart: number
  readonly customersAtEnd: number
  /** With some at the start and none at the end, and the other way round. */
  readonly customersLost: number
  readonly customersWon: number
}

/** As shares with four digits; null where there was nothing to begin with. */
export interface RevenueRates {
  readonly logoChurn: string | null
  readonly revenueChurn: string | null
  readonly netRetention: string | null
}

const NOTHING: RevenueInterval['movements'] = {
  new: 0n,
  expansion: 0n,
  contraction: 0n,
  churned: 0n,
  reactivation: 0n,
}

/** What a customer's revenue did, step by step. Who comes back is not new. */
export function movementsOf(steps: readonly RevenueStep[]): Movement[] {
  let before = 0n
  let isKnown = false
  return steps.flatMap(({ at, amountMinor }) => {
    const difference = amountMinor - before
    const kind = kindOf(before, amountMinor, isKnown)
    before = amountMinor
    isKnown ||= amountMinor > 0n
    if (difference === 0n) return []
    return [{ kind, at, amountMinor: difference < 0n ? -difference : difference }]
  })
}

function kindOf(before: bigint, after: bigint, isKnown: boolean): MovementKind {
  if (before === 0n) return isKnown ? 'reactivation' : 'new'
  if (after === 0n) return 'churned'
  return after > before ? 'expansion' : 'contraction'
}

/** The revenue of customers, each with all they have in one currency, over intervals. */
export function revenueOver(
  customers: readonly (readonly RevenueStep[])[],
  intervals: readonly Period[],
): RevenueInterval[] {
  const moved = customers.map((steps) => ({ steps, movements: movementsOf(steps) }))
  return intervals.map(({ startsAt, endsAt }) => {
    const movements = { ...NOTHING }
    let [startMinor, endMinor] = [0n, 0n]
    let [customersAtStart, customersAtEnd, customersLost, customersWon] = [0, 0, 0, 0]
    for (const { steps, movements: own } of moved) {
      const [before, after] = [revenueBefore(steps, startsAt), revenueBefore(steps, endsAt)]
      startMinor += before
      endMinor += after
      if (before > 0n) customersAtStart++
      if (after > 0n) customersAtEnd++
      if (before > 0n && after === 0n) customersLost++
      if (before === 0n && after > 0n) customersWon++
      for (const { kind, at, amountMinor } of own) {
        if (startsAt <= at && at < endsAt) movements[kind] += amountMinor
      }
    }
    return {
      startsAt,
      endsAt,
      startMinor,
      endMinor,
      movements,
      customersAtStart,
      customersAtEnd,
      customersLost,
      customersWon,
    }
  })
}

export function ratesOf(interval: RevenueInterval): RevenueRates {
  const { startMinor, movements, customersAtStart, customersLost } = interval
  const { contraction, churned, expansion } = movements
  return {
    logoChurn: share(customersLost, customersAtStart),
    revenueChurn: share(contraction + churned, startMinor),
    netRetention: share(startMinor + expansion - contraction - churned, startMinor),
  }
}

/** `0.0312`; null of nothing. */
export function share(part: bigint | number, whole: bigint | number): string | null {
  if (BigInt(whole) === 0n) return null
  const scaled = divideRounded(BigInt(part) * 10_000n, BigInt(whole))
  const digits = String(scaled < 0n ? -scaled : scaled).padStart(5, '0')
  return `${scaled < 0n ? '-' : ''}${digits.slice(0, -4)}.${digits.slice(-4)}`
}

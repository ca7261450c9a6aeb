import type { LeasedPart } from '../../domain/entitlements/quota.ts'
import { type Micros, toMicrosDown } from './units.ts'

/** Units that are paid with one kind of credits. */
export interface CreditPart {
  /** `custom:credits` */
  readonly unit: string
  /** What one unit costs of it. */
  readonly perUnit: string
  readonly units: Micros
}

export function fromLease({ unit, perUnit, units }: LeasedPart): CreditPart {
  return { unit, perUnit, units: toMicrosDown(units) }
}

export function unitsOf(parts: readonly CreditPart[]): Micros {
  return parts.reduce((sum, { units }) => sum + units, 0)
}

/** The first so many units of the parts, and the rest. */
export function splitParts(
  parts: readonly CreditPart[],
  at: Micros,
): readonly [CreditPart[], CreditPart[]] {
  let left = at
  const first: CreditPart[] = []
  const rest: CreditPart[] = []
  for (const part of parts) {
    const taken = Math.min(left, part.units)
    left -= taken
    if (taken > 0) first.push({ ...part, units: taken })
    if (taken < part.units) rest.push({ ...part, units: part.units - taken })
  }
  return [first, rest]
}

import type { Decimal } from '../../kit/decimal.ts'

/**
 * Units on the request path: whole millionths of a unit in a plain number. A bigint per request would cost more than
 * the rest of the decision. The usage log keeps the exact decimal; only what a quota holds in stock is counted so, and
 * what does not come out even is rounded against whoever spends it, so that a limit is never passed.
 */
export type Micros = number

export const MICROS_PER_UNIT = 1_000_000
const DECIMALS_PER_MICRO = 1_000_000n

export function toMicros(units: Decimal): Micros {
  return Number((units + DECIMALS_PER_MICRO - 1n) / DECIMALS_PER_MICRO)
}

/** For stock and limits, where too little is the safe side. */
export function toMicrosDown(units: Decimal): Micros {
  return Number(units / DECIMALS_PER_MICRO)
}

export function fromMicros(micros: Micros): Decimal {
  return (BigInt(Math.round(micros)) * DECIMALS_PER_MICRO) as Decimal
}

/** For headers and problem documents: whole units, or as many decimals as it takes. */
export function showMicros(micros: Micros): number {
  // Beyond this a plain number no longer has millionths to show.
  if (micros > Number.MAX_SAFE_INTEGER) return Math.round(micros / MICROS_PER_UNIT)
  return micros / MICROS_PER_UNIT
}

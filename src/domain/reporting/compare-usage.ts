import type { Decimal } from '../../kit/decimal.ts'
import { decimal, formatDecimal } from '../../kit/decimal.ts'

/** What was reported of one customer's meter, as far as it is known to have arrived. */
export interface ReportedUsage {
  readonly meterKey: string
  /** Sent long enough ago to be counted. */
  readonly settled: bigint
  /** Just sent, or under way: may be counted already. */
  readonly unsettledPlus: bigint
  readonly unsettledMinus: bigint
  /** Stripe said it does not count it; it may wait to be sent again. */
  readonly refused: bigint
  /** Some of it is too old to be sent again. */
  readonly isTooLate: boolean
}

export interface UsageDifference {
  readonly category: 'amount' | 'late'
  readonly ours: Readonly<Record<string, string>>
  readonly theirs: Readonly<Record<string, string>>
  /** Sending again what was refused can repair it. */
  readonly isSafe: boolean
}

/** Undefined where Stripe's total is what it can be, given what is under way, and nothing was refused. */
export function compareUsage(
  { settled, unsettledPlus, unsettledMinus, refused, isTooLate }: ReportedUsage,
  theirs: Decimal,
): UsageDifference | undefined {
  const low = decimal(settled + unsettledMinus)
  const high = decimal(settled + unsettledPlus)
  if (refused === 0n && theirs >= low && theirs <= high) return undefined
  return {
    category: isTooLate ? 'late' : 'amount',
    ours: { reported: String(settled), refused: String(refused) },
    theirs: { counted: formatDecimal(theirs) },
    isSafe: refused !== 0n && !isTooLate,
  }
}

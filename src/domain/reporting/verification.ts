import type { Decimal } from '../../kit/decimal.ts'
import { decimal } from '../../kit/decimal.ts'

export type Verdict = 'arrived' | 'lost' | 'unclear'

/**
 * Whether reports without a certain answer arrived, told by what Stripe counted in their minute beyond what is certain. All of
 * them or none; anything in between is for people.
 */
export function judgeUnconfirmed(
  unconfirmed: readonly bigint[],
  certain: bigint,
  theirs: Decimal,
): Verdict {
  const doubtful = unconfirmed.reduce((sum, value) => sum + value, 0n)
  if (theirs === decimal(certain + doubtful)) return doubtful === 0n ? 'unclear' : 'arrived'
  return theirs === decimal(certain) ? 'lost' : 'unclear'
}

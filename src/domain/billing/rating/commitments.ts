import type { Currency } from '../../../kit/currency.ts'
import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction, multiplyFractions, toFraction } from '../../../kit/fraction.ts'
import type { Commitment } from '../../catalog/plan.ts'
import type { CommitmentStep } from '../derivation.ts'
import { type Piece, timeShare } from '../pieces.ts'
import { fromMinor, roundToCharge } from './rounding.ts'

/** A line beside the charge: what is missing to the minimum, or what exceeds the maximum, as a negative amount. */
export interface CommitmentCharge {
  readonly commitment: 'minimum' | 'maximum'
  readonly amountMinor: bigint
  readonly step: CommitmentStep
}

/** What was agreed for a whole period of the card counts in proportion for a part of one. */
export function commitmentCharge(
  piece: Piece,
  commitment: Commitment | undefined,
  chargedMinor: bigint,
  currency: Currency,
): CommitmentCharge | null {
  if (commitment === undefined) return null
  const { minimum, maximum } = commitment
  if (minimum !== null) {
    const charge = difference(piece, 'minimum', minimum, chargedMinor, currency)
    if (charge.amountMinor > 0n) return charge
  }
  if (maximum !== null) {
    const charge = difference(piece, 'maximum', maximum, chargedMinor, currency)
    if (charge.amountMinor < 0n) return charge
  }
  return null
}

function difference(
  piece: Piece,
  commitment: CommitmentCharge['commitment'],
  agreed: string,
  chargedMinor: bigint,
  currency: Currency,
): CommitmentCharge {
  const forPart = multiplyFractions(toFraction(decimal(agreed)), timeShare(piece))
  const agreedMinor = roundToCharge(forPart, currency)
  const amountMinor = agreedMinor - chargedMinor
  return {
    commitment,
    amountMinor,
    step: {
      kind: 'commitment',
      commitment,
      agreed: formatDecimal(decimal(agreed)),
      agreedForPart: formatFraction(fromMinor(agreedMinor, currency)),
      charged: formatFraction(fromMinor(chargedMinor, currency)),
      amount: formatFraction(fromMinor(amountMinor, currency)),
    },
  }
}

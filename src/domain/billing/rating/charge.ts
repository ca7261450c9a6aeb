import type { Currency } from '../../../kit/currency.ts'
import { type Decimal, decimal } from '../../../kit/decimal.ts'
import {
  compareFractions,
  type Fraction,
  formatFraction,
  FRACTION_ONE,
  multiplyFractions,
} from '../../../kit/fraction.ts'
import { formatInstant, SECOND_MS } from '../../../kit/instant.ts'
import type { Period } from '../../../kit/period.ts'
import type { FlatPrice } from '../../catalog/plan.ts'
import type { DerivationStep, IsoPeriod, ProrationStep } from '../derivation.ts'
import { feePart, feeShare, type Piece } from '../pieces.ts'
import type { UsageReading } from '../usage-reading.ts'
import { billableUsage, type UnitCoverage, type UsagePiece } from './billable-usage.ts'
import { applyDiscounts, type LineDiscount } from './discounts.ts'
import { rateFlat } from './flat.ts'
import { ratePrice } from './rate-price.ts'
import { roundingStep, roundToCharge } from './rounding.ts'

/** What a piece of a rate card costs, rounded once, and why. */
export interface Charge {
  /** Of fees how many, of usage how much. */
  readonly quantity: Decimal
  /** Where there is one price for each unit of the quantity. */
  readonly unitAmount: string | null
  /** Before discounts. */
  readonly grossMinor: bigint
  readonly amountMinor: bigint
  readonly steps: readonly DerivationStep[]
}

/** A fee for `count` whole periods, or for the part of one that the piece covers. */
export function chargeFee(
  piece: Piece,
  price: FlatPrice,
  count: number,
  discounts: readonly LineDiscount[],
  currency: Currency,
): Charge {
  const share = feeShare(piece)
  const { amount, step } = rateFlat(price, count)
  const discounted = applyDiscounts(amount, discounts, FRACTION_ONE)
  const gross = multiplyFractions(amount, share)
  const net = multiplyFractions(discounted.amount, share)
  return {
    quantity: decimal(count),
    unitAmount: price.amount,
    grossMinor: roundToCharge(gross, currency),
    amountMinor: roundToCharge(net, currency),
    steps: [
      step,
      ...discounted.steps,
      ...prorationSteps(piece, share, net),
      roundingStep(net, currency),
    ],
  }
}

export function chargeUsage(
  usagePiece: UsagePiece,
  reading: UsageReading,
  coverage: readonly UnitCoverage[],
  discounts: readonly LineDiscount[],
  currency: Currency,
): Charge {
  const { piece, price } = usagePiece
  const { billable, position, steps } = billableUsage(usagePiece, reading, coverage)
  const share = feeShare(piece)
  const { amount, step } = ratePrice(price, billable, { position, share })
  const discounted = applyDiscounts(amount, discounts, share)
  return {
    quantity: billable.quantity,
    unitAmount: price.type === 'unit' ? price.amount : null,
    grossMinor: roundToCharge(amount, currency),
    amountMinor: roundToCharge(discounted.amount, currency),
    steps: [...steps, step, ...discounted.steps, roundingStep(discounted.amount, currency)],
  }
}

export function isoPeriod({ startsAt, endsAt }: Period): IsoPeriod {
  return { startsAt: formatInstant(startsAt), endsAt: formatInstant(endsAt) }
}

/** Elapsed seconds, with a fraction only where an instant has one. */
export function secondsBetween(startsAt: number, endsAt: number): string {
  const ms = endsAt - startsAt
  const fractionMs = String(ms % SECOND_MS).padStart(3, '0')
  const whole = String(Math.floor(ms / SECOND_MS))
  return ms % SECOND_MS === 0 ? whole : `${whole}.${fractionMs}`
}

function prorationSteps(piece: Piece, share: Fraction, amount: Fraction): ProrationStep[] {
  const { whole } = piece
  const part = feePart(piece)
  if (whole === null || part === null || compareFractions(share, FRACTION_ONE) === 0) return []
  return [
    {
      kind: 'proration',
      part: isoPeriod(part),
      whole: isoPeriod(whole),
      partSeconds: secondsBetween(part.startsAt, part.endsAt),
      wholeSeconds: secondsBetween(whole.startsAt, whole.endsAt),
      amount: formatFraction(amount),
    },
  ]
}

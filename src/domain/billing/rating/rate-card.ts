import { compareFractions, FRACTION_ONE } from '../../../kit/fraction.ts'
import type { Currency } from '../../../kit/currency.ts'
import type { Period } from '../../../kit/period.ts'
import { type FlatPrice, type Price, priceIn, type RateCard } from '../../catalog/plan.ts'
import { type AppliedCoupon, couponDiscounts } from '../coupons.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { chargeLine, commitmentLine } from '../lines.ts'
import { feePart, feeShare, type Piece, piecesEndingIn, piecesStartingIn } from '../pieces.ts'
import type { Term } from '../terms.ts'
import type { UsageReading } from '../usage-reading.ts'
import type { RatedMeter, UnitCoverage, UsagePiece } from './billable-usage.ts'
import { chargeFee, chargeUsage } from './charge.ts'
import { commitmentCharge } from './commitments.ts'
import { cardDiscounts, type LineDiscount } from './discounts.ts'

/** What all cards of an invoice are rated with. */
export interface RatingContext {
  readonly currency: Currency
  /** The meter of each feature that has one. */
  readonly meters: ReadonlyMap<string, RatedMeter>
  readonly usage: UsageReading
  readonly coverage: readonly UnitCoverage[]
  readonly coupons: readonly AppliedCoupon[]
}

/** What a card owes for the time an invoice closes: usage, fees in arrears, and what was agreed about their sum. */
export function rateArrears(
  term: Term,
  card: RateCard,
  closing: Period,
  context: RatingContext,
): InvoiceLine[] {
  const price = priceOf(card, context.currency)
  if (price === undefined) return []
  if (price.type === 'flat') {
    if (price.paymentTerm === 'in_advance') return []
    return feeLines(piecesEndingIn(term, card, closing), price, context)
  }
  return piecesEndingIn(term, card, closing).flatMap((piece) => {
    const usagePiece = { piece, price, meter: meterOf(card, context.meters) }
    const { usage, coverage, currency } = context
    const discounts = discountsOn(piece, context)
    const charge = chargeUsage(usagePiece, usage, coverage, discounts, currency)
    const line = chargeLine('usage', piece, charge, currency)
    return [line, ...commitments(piece, charge.amountMinor, currency)]
  })
}

/** What a card costs for the time an invoice opens. */
export function rateAdvance(
  term: Term,
  card: RateCard,
  opening: Period,
  context: RatingContext,
): InvoiceLine[] {
  const price = priceOf(card, context.currency)
  if (price?.type !== 'flat' || price.paymentTerm === 'in_arrears') return []
  return feeLines(piecesStartingIn(term, card, opening), price, context)
}

/** The pieces of a card whose usage an invoice that closes `closing` bills. */
export function usagePieces(
  term: Term,
  card: RateCard,
  closing: Period,
  { currency, meters }: Pick<RatingContext, 'currency' | 'meters'>,
): UsagePiece[] {
  const price = priceOf(card, currency)
  if (price === undefined || price.type === 'flat') return []
  const meter = meterOf(card, meters)
  return piecesEndingIn(term, card, closing).map((piece) => ({ piece, price, meter }))
}

export function priceOf(card: RateCard, currency: Currency): Price | undefined {
  if (card.prices === null) return undefined
  const price = priceIn(card, currency)
  if (price === undefined) throw new RangeError(`${card.key} has no price in ${currency}`)
  return price
}

export function meterOf(card: RateCard, meters: RatingContext['meters']): RatedMeter {
  const meter = card.featureKey === null ? undefined : meters.get(card.featureKey)
  if (meter === undefined) throw new RangeError(`${card.key} prices usage that no meter measures`)
  return meter
}

/** One line for all whole periods that begin with an invoice, one more for each part of a period. */
function feeLines(
  pieces: readonly Piece[],
  price: FlatPrice,
  context: RatingContext,
): InvoiceLine[] {
  return runsOf(pieces).flatMap(({ piece, count }) => {
    const charge = chargeFee(piece, price, count, discountsOn(piece, context), context.currency)
    if (charge.grossMinor === 0n) return []
    return [chargeLine('fee', piece, charge, context.currency)]
  })
}

interface Run {
  readonly piece: Piece
  readonly count: number
}

function runsOf(pieces: readonly Piece[]): Run[] {
  const runs: Run[] = []
  for (const piece of pieces) {
    if (feePart(piece) === null) continue
    const last = runs.at(-1)
    const joined = last === undefined ? null : join(last.piece, piece)
    if (last === undefined || joined === null) runs.push({ piece, count: 1 })
    else runs.splice(-1, 1, { piece: joined, count: last.count + 1 })
  }
  return runs
}

/** Two whole periods in a row as one piece; null where one of them is only a part. */
function join(a: Piece, b: Piece): Piece | null {
  if (a.whole === null || b.whole === null || !isWhole(a) || !isWhole(b)) return null
  const whole = { startsAt: a.whole.startsAt, endsAt: b.whole.endsAt }
  return { ...a, endsAt: b.endsAt, whole }
}

function isWhole(piece: Piece): boolean {
  return compareFractions(feeShare(piece), FRACTION_ONE) === 0
}

function discountsOn({ term, card }: Piece, { coupons, currency }: RatingContext): LineDiscount[] {
  const charged = { planKey: term.planKey, rateCardKey: card.key }
  return [...cardDiscounts(card.discounts, currency), ...couponDiscounts(coupons, charged)]
}

function commitments(piece: Piece, chargedMinor: bigint, currency: Currency): InvoiceLine[] {
  const agreed = piece.card.commitments?.[currency]
  const charge = commitmentCharge(piece, agreed, chargedMinor, currency)
  return charge === null ? [] : [commitmentLine(piece, charge, currency)]
}

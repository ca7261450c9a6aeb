import type { Currency } from '../../../kit/currency.ts'
import type { Period } from '../../../kit/period.ts'
import type { DerivationStep } from '../derivation.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { lateUsageLine } from '../lines.ts'
import { pieceAt } from '../pieces.ts'
import type { Term } from '../terms.ts'
import type { UsageQuery, UsageReading } from '../usage-reading.ts'
import { type UnitCoverage, type UsagePiece, usageQueries } from './billable-usage.ts'
import { chargeUsage } from './charge.ts'
import { commitmentCharge } from './commitments.ts'
import type { LineDiscount } from './discounts.ts'
import { meterOf, priceOf, type RatingContext } from './rate-card.ts'

/** Usage of a piece that was billed before all of it was known, or that was corrected afterwards. */
export interface LateUsage {
  /** The terms valid then; their version prices it. */
  readonly term: Term
  readonly rateCardKey: string
  /** The service period of the line that was billed. */
  readonly servicePeriod: Period
  /** As it was billed, and as it is known now. */
  readonly billed: KnownUsage
  readonly actual: KnownUsage
  /** Those of the line that was billed, coupons included. */
  readonly discounts: readonly LineDiscount[]
}

export interface KnownUsage {
  readonly usage: UsageReading
  readonly coverage: readonly UnitCoverage[]
}

/**
 * What the period would have cost with everything known, less what it did cost: tiers, packages, what is included and
 * what was agreed all end up where they would have been. So being late costs nothing, and a correction gives back
 * exactly what was charged too much.
 */
export function rateLateUsage(
  late: LateUsage,
  context: Pick<RatingContext, 'currency' | 'meters'>,
): InvoiceLine[] {
  const line = compareUsage(late, context)
  return line.amountMinor === 0n ? [] : [line]
}

/** The line of late usage, also where it comes to nothing. */
export function compareUsage(
  late: LateUsage,
  context: Pick<RatingContext, 'currency' | 'meters'>,
): InvoiceLine {
  const usagePiece = latePiece(late, context)
  const before = chargeKnown(usagePiece, late.billed, late.discounts, context.currency)
  const now = chargeKnown(usagePiece, late.actual, late.discounts, context.currency)
  const trail = { before: before.steps, now: now.steps }
  return lateUsageLine(
    usagePiece.piece,
    before.amountMinor,
    now.amountMinor,
    trail,
    context.currency,
  )
}

/** What the usage as it is known now costs less for units that need not be charged again. */
export function coveredOfLate(
  { actual, discounts, ...of }: Omit<LateUsage, 'billed'>,
  coverage: readonly UnitCoverage[],
  context: Pick<RatingContext, 'currency' | 'meters'>,
): bigint {
  const piece = latePiece(of, context)
  const cost = (known: KnownUsage) =>
    chargeKnown(piece, known, discounts, context.currency).amountMinor
  return cost(actual) - cost({ ...actual, coverage })
}

/** What metering has to be asked, twice: for the billed and for the actual usage. */
export function lateUsageQueries(
  late: Pick<LateUsage, 'term' | 'rateCardKey' | 'servicePeriod'>,
  context: Pick<RatingContext, 'currency' | 'meters'>,
): UsageQuery[] {
  return usageQueries(latePiece(late, context))
}

function latePiece(
  { term, rateCardKey, servicePeriod }: Pick<LateUsage, 'term' | 'rateCardKey' | 'servicePeriod'>,
  { currency, meters }: Pick<RatingContext, 'currency' | 'meters'>,
): UsagePiece {
  const card = term.phase.rateCards.find(({ key }) => key === rateCardKey)
  const price = card === undefined ? undefined : priceOf(card, currency)
  const isUsage = price !== undefined && price.type !== 'flat'
  if (card === undefined || card.billingCadence === null || !isUsage) {
    throw new RangeError(`${rateCardKey} prices no usage in this phase`)
  }
  const piece = pieceAt(term, card, card.billingCadence, servicePeriod.startsAt)
  return { piece: { ...piece, ...servicePeriod }, price, meter: meterOf(card, meters) }
}

function chargeKnown(
  usagePiece: UsagePiece,
  { usage, coverage }: KnownUsage,
  discounts: readonly LineDiscount[],
  currency: Currency,
): { amountMinor: bigint; steps: readonly DerivationStep[] } {
  const { piece } = usagePiece
  const charge = chargeUsage(usagePiece, usage, coverage, discounts, currency)
  const agreed = piece.card.commitments?.[currency]
  const commitment = commitmentCharge(piece, agreed, charge.amountMinor, currency)
  if (commitment === null) return charge
  return {
    amountMinor: charge.amountMinor + commitment.amountMinor,
    steps: [...charge.steps, commitment.step],
  }
}

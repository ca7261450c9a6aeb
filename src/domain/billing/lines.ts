import type { Currency } from '../../kit/currency.ts'
import { formatDecimal } from '../../kit/decimal.ts'
import { compareFractions, formatFraction, FRACTION_ONE } from '../../kit/fraction.ts'
import type { Period } from '../../kit/period.ts'
import { priceIn, type RateCard } from '../catalog/plan.ts'
import { hasOneAmount } from '../subscriptions/overrides.ts'
import type { Derivation, DerivationStep, LateUsageStep, OverrideStep } from './derivation.ts'
import type { InvoiceLine, LineKind } from './invoice-line.ts'
import { feeShare, type Piece } from './pieces.ts'
import { type Charge, isoPeriod } from './rating/charge.ts'
import type { CommitmentCharge } from './rating/commitments.ts'
import { fromMinor } from './rating/rounding.ts'
import type { Term } from './terms.ts'

/** A charge as a line of the invoice. */
export function chargeLine(
  kind: 'fee' | 'usage',
  piece: Piece,
  charge: Charge,
  currency: Currency,
): InvoiceLine {
  return {
    ...baseLine(kind, piece, charge.steps, currency),
    description: piece.card.name,
    quantity: formatDecimal(charge.quantity),
    unitAmountDecimal: charge.unitAmount,
    grossMinor: charge.grossMinor,
    amountMinor: charge.amountMinor,
    // Usage of a part of a period is simply less usage.
    isProration: kind === 'fee' && compareFractions(feeShare(piece), FRACTION_ONE) !== 0,
  }
}

export function commitmentLine(
  piece: Piece,
  { commitment, amountMinor, step }: CommitmentCharge,
  currency: Currency,
): InvoiceLine {
  const kind = commitment === 'minimum' ? 'minimum_commitment' : 'maximum_commitment'
  return {
    ...baseLine(kind, piece, [step], currency),
    description: `${piece.card.name}: agreed ${commitment}`,
    grossMinor: amountMinor,
    amountMinor,
  }
}

export function lateUsageLine(
  piece: Piece,
  chargedMinor: bigint,
  nowMinor: bigint,
  trail: { readonly before: readonly DerivationStep[]; readonly now: readonly DerivationStep[] },
  currency: Currency,
): InvoiceLine {
  const amountMinor = nowMinor - chargedMinor
  const step: LateUsageStep = {
    kind: 'late_usage',
    chargedBefore: formatFraction(fromMinor(chargedMinor, currency)),
    chargeNow: formatFraction(fromMinor(nowMinor, currency)),
    ...trail,
    amount: formatFraction(fromMinor(amountMinor, currency)),
  }
  return {
    ...baseLine('late_usage', piece, [step], currency),
    description: `${piece.card.name}: usage of an earlier period`,
    grossMinor: amountMinor,
    amountMinor,
    isLate: true,
  }
}

export function derivationOf(
  term: Term,
  card: Pick<RateCard, 'key' | 'name'>,
  servicePeriod: Period,
  steps: readonly DerivationStep[],
  currency: Currency,
): Derivation {
  return {
    schema: 1,
    plan: { key: term.planKey, version: term.planVersion, phase: term.phase.key },
    rateCard: { key: card.key, name: card.name },
    currency,
    servicePeriod: isoPeriod(servicePeriod),
    steps,
  }
}

/** What was agreed about a card in place of what the plan says. */
function overrideSteps({ term, card }: Piece, currency: Currency): OverrideStep[] {
  const { prices = {}, quotas = {} } = term.overrides
  const price = prices[card.key]
  const phase = term.definition.phases.find(({ key }) => key === term.phase.key)
  const listed = phase?.rateCards.find(({ key }) => key === card.key)
  const listPrice = listed && priceIn(listed, currency)
  const isPriced = price !== undefined && listPrice !== undefined
  const issued = listed?.entitlement?.type === 'metered' ? listed.entitlement : null
  const quota = card.featureKey === null ? undefined : quotas[card.featureKey]
  const isIncluding = issued?.onLimit === 'bill_overage' && quota !== undefined
  if (!isPriced && !isIncluding) return []
  return [
    {
      kind: 'override',
      price: isPriced
        ? { agreed: price, listed: hasOneAmount(listPrice) ? listPrice.amount : null }
        : null,
      included: isIncluding ? { agreed: quota, listed: issued.issueAfterReset } : null,
    },
  ]
}

/** What an invoice shows of a line. */
export function lineText({ description, quantity, kind }: InvoiceLine): string {
  return kind === 'usage' && quantity !== null ? `${description}: ${quantity}` : description
}

/** A fee that begins in the middle of its period. */
export function ofRemainingTime(line: InvoiceLine): InvoiceLine {
  return line.isProration ? { ...line, description: `${line.description} (remaining time)` } : line
}

/** Unique among the lines of an invoice, and the same whenever the invoice is rated again. */
export function lineKey(kind: LineKind, term: Term, cardKey: string, startsAt: number): string {
  return `${kind}:${term.planKey}@${term.planVersion}:${term.phase.key}:${cardKey}:${startsAt}`
}

function baseLine(
  kind: LineKind,
  piece: Piece,
  steps: readonly DerivationStep[],
  currency: Currency,
): Omit<InvoiceLine, 'description' | 'grossMinor' | 'amountMinor'> {
  const { term, card, startsAt, endsAt } = piece
  const trail = [...overrideSteps(piece, currency), ...steps]
  return {
    key: lineKey(kind, term, card.key, startsAt),
    kind,
    planKey: term.planKey,
    planVersion: term.planVersion,
    rateCardKey: card.key,
    featureKey: card.featureKey,
    servicePeriod: { startsAt, endsAt },
    quantity: null,
    unitAmountDecimal: null,
    isProration: false,
    isLate: false,
    derivation: derivationOf(term, card, { startsAt, endsAt }, trail, currency),
  }
}

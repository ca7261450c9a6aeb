import type { BilledCharge } from './charges/billed-charge.ts'
import type { PaidFee } from './proration.ts'
import type { Term } from './terms.ts'

/**
 * Fees of the term that is left; what was paid under an earlier one was credited when that was left, unless an override
 * left it alone.
 */
export function paidFees(
  charges: readonly BilledCharge[],
  terms: readonly Term[],
  term: Term,
): PaidFee[] {
  return charges.flatMap((charge) => paidFee(charge, terms, term))
}

function paidFee(charge: BilledCharge, terms: readonly Term[], term: Term): PaidFee[] {
  const { kind, planKey, planVersion, rateCardKey, servicePeriod } = charge
  const isOfTerm =
    kind === 'fee' &&
    planKey === term.planKey &&
    planVersion === term.planVersion &&
    servicePeriod.startsAt >= chargedSince(terms, term, rateCardKey)
  const card = term.phase.rateCards.find(({ key }) => key === rateCardKey)
  if (!isOfTerm || card === undefined || card.billingCadence === null) return []
  return [
    {
      rateCardKey,
      name: card.name,
      planKey,
      planVersion,
      phaseKey: charge.phaseKey,
      paidMinor: charge.amountMinor,
      creditedMinor: 0n,
      period: servicePeriod,
    },
  ]
}

/** Since when a card costs what it costs now. */
function chargedSince(
  terms: readonly Term[],
  { startsAt, feesPaidBefore }: Term,
  key: string,
): number {
  const before = terms.find(({ endsAt }) => endsAt === startsAt)
  if (before === undefined || !feesPaidBefore.includes(key)) return startsAt
  return chargedSince(terms, before, key)
}

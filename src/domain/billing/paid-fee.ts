import type { BilledCharge } from './charges/billed-charge.ts'
import type { PaidFee } from './proration.ts'
import type { Term } from './terms.ts'

/** A fee of the term that is left; what was paid under an earlier one was credited when that was left. */
export function paidFee(charge: BilledCharge, term: Term): PaidFee[] {
  const { kind, planKey, planVersion, rateCardKey, servicePeriod } = charge
  const isOfTerm =
    kind === 'fee' &&
    planKey === term.planKey &&
    planVersion === term.planVersion &&
    servicePeriod.startsAt >= term.startsAt
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

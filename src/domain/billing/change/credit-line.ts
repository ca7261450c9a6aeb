import type { Currency } from '../../../kit/currency.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import { derivationOf } from '../lines.ts'
import type { PaidFee, UnusedCredit } from '../proration.ts'
import type { Term } from '../terms.ts'

/** The credit for a fee as a line of the change's invoice, dated with the time that is given back. */
export function creditLine(
  term: Term,
  fee: PaidFee,
  { amountMinor, step }: UnusedCredit,
  at: Instant,
  currency: Currency,
): InvoiceLine {
  const { rateCardKey, name, planKey, planVersion, phaseKey, period } = fee
  const servicePeriod = { startsAt: Math.max(at, period.startsAt), endsAt: period.endsAt }
  const card = { key: rateCardKey, name }
  const derivation = derivationOf(term, card, servicePeriod, [step], currency)
  return {
    key: `unused_time:${planKey}@${planVersion}:${phaseKey}:${rateCardKey}:${period.startsAt}`,
    kind: 'unused_time',
    planKey,
    planVersion,
    rateCardKey,
    featureKey: null,
    description: `${name} (unused time)`,
    servicePeriod,
    quantity: null,
    unitAmountDecimal: null,
    grossMinor: amountMinor,
    amountMinor,
    isProration: true,
    isLate: false,
    derivation,
  }
}

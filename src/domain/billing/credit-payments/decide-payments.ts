import type { Currency } from '../../../kit/currency.ts'
import { formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { CreditAccount } from '../../credits/account.ts'
import type { BurnedMoney } from '../../credits/invoice-credits.ts'
import type { Burn } from '../../credits/spending/burn.ts'
import { chargeOfLine } from '../charges/billed-charge.ts'
import type { CreditsStep } from '../derivation.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import type { WantedItem } from '../items/item.ts'
import { composeInvoice } from '../rate-invoice.ts'
import type { UnitCoverage } from '../rating/billable-usage.ts'
import { fromMinor } from '../rating/rounding.ts'

/** One usage charge as it is without credits, and what is left of it when units that were paid with credits are not counted. */
export interface CreditableCharge {
  readonly lines: readonly InvoiceLine[]
  readonly linesUncovered: readonly InvoiceLine[]
  readonly isCreditOnly: boolean
}

/** Money that an invoice takes from a grant; null is a debt of a customer who pays with credits only. */
export interface TakenMoney {
  readonly lineKey: string
  readonly grantId: string | null
  readonly amountMinor: bigint
}

export interface CreditPayments {
  /** One for each charge that credits pay something of. */
  readonly items: readonly WantedItem[]
  readonly taken: readonly TakenMoney[]
}

export interface CreditFacts {
  readonly currency: Currency
  readonly account: CreditAccount
  readonly burns: readonly Burn[]
  readonly now: Instant
}

/**
 * What credits pay of the usage an invoice charges: units that were paid when they were used, money that was burned
 * then, and of the rest what the balance reaches for. Lines stay what they are; a line below each says what credits paid.
 */
export function decideCreditPayments(
  charges: readonly CreditableCharge[],
  { currency, account, burns, now }: CreditFacts,
): CreditPayments {
  let current = account
  const items: WantedItem[] = []
  const taken: TakenMoney[] = []
  for (const { lines, linesUncovered, isCreditOnly } of charges) {
    const [main] = lines
    if (main === undefined) continue
    const { credits } = composeInvoice(linesUncovered, {
      currency,
      closing: main.servicePeriod,
      opening: null,
      credits: { account: current, burned: burnedMoney(burns), isCreditOnly, now },
      tax: null,
      startingBalanceMinor: 0n,
    })
    current = credits.account ?? current
    const coveredMinor = sumOf(lines) - sumOf(linesUncovered)
    const paidMinor = coveredMinor + credits.amountMinor
    if (paidMinor <= 0n) continue
    for (const { lineKey, grantId, amountMinor } of credits.taken) {
      taken.push({ lineKey: creditLineKey(lineKey), grantId, amountMinor })
    }
    const own = burns.filter(
      ({ featureKey, at }) =>
        featureKey === main.featureKey &&
        main.servicePeriod.startsAt <= at &&
        at < main.servicePeriod.endsAt,
    )
    const step: CreditsStep = {
      kind: 'credits',
      units: own
        .filter(({ unit }) => !unit.startsWith('money:'))
        .map(({ unit, units, amount }) => ({
          unit,
          units: formatDecimal(units),
          amount: formatDecimal(amount),
        })),
      covered: formatFraction(fromMinor(coveredMinor, currency)),
      money: formatFraction(fromMinor(credits.amountMinor, currency)),
      amount: formatFraction(fromMinor(-paidMinor, currency)),
    }
    items.push(itemOf(main, paidMinor, step))
  }
  return { items, taken }
}

/** Units that need not be charged again. */
export function coverageOf(burns: readonly Burn[]): UnitCoverage[] {
  return burns
    .filter(({ unit }) => !unit.startsWith('money:'))
    .map(({ featureKey, at, unit, grantId, units }) => ({
      featureKey,
      at,
      quantity: units,
      kind: unit.startsWith('feature:') ? 'unit_grant' : 'custom_credits',
      grantId,
    }))
}

export function creditLineKey(lineKey: string): string {
  return `credits:${lineKey}`
}

function burnedMoney(burns: readonly Burn[]): BurnedMoney[] {
  return burns
    .filter(({ unit }) => unit.startsWith('money:'))
    .map(({ featureKey, at, amount, grantId }) => ({ featureKey, at, amount, grantId }))
}

function itemOf(line: InvoiceLine, paidMinor: bigint, step: CreditsStep): WantedItem {
  const key = creditLineKey(line.key)
  const derivation = { ...line.derivation, steps: [step] }
  const paid = { ...line, key, grossMinor: -paidMinor, amountMinor: -paidMinor, derivation }
  return {
    lineKey: key,
    description: `${line.description}: paid with credits`,
    amountMinor: -paidMinor,
    period: line.servicePeriod,
    rateCardKey: line.rateCardKey,
    derivation,
    charge: chargeOfLine(paid, 'usage', null),
  }
}

function sumOf(lines: readonly InvoiceLine[]): bigint {
  return lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
}

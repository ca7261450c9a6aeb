import type { Currency } from '../../../kit/currency.ts'
import { formatDecimal } from '../../../kit/decimal.ts'
import { formatFraction } from '../../../kit/fraction.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { CreditAccount } from '../../credits/account.ts'
import { applyCredits, type BurnedMoney, burnedMinor } from '../../credits/invoice-credits.ts'
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

/** Money that an invoice takes from a grant, or with a minus gives back; null is a debt of a customer who pays with credits only. */
export interface TakenMoney {
  readonly lineKey: string
  readonly grantId: string | null
  readonly amountMinor: bigint
}

export interface CreditPayments {
  /** One for each charge that credits pay something of. */
  readonly items: readonly WantedItem[]
  readonly taken: readonly TakenMoney[]
  /** What is left when they are taken. */
  readonly account: CreditAccount
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
    const parts = { coveredMinor, moneyMinor: credits.amountMinor, paidBeforeMinor: 0n }
    items.push(itemOf(main, paidMinor, stepOf(main, parts, { burns, currency })))
  }
  return { items, taken, account: current }
}

/** Usage of a time that was billed, and may have been paid with credits before. */
export interface LateCreditableCharge {
  /** What the invoice adds to what was charged; nothing where only the credits are other ones. */
  readonly line: InvoiceLine
  /** The key of the charge when it was billed. */
  readonly lineKey: string
  /** All that was charged, with this line. */
  readonly totalMinor: bigint
  /** What units cost that need not be charged again. */
  readonly coveredMinor: bigint
  /** What invoices showed as paid so far, and what they took for it when they were made. */
  readonly paidBeforeMinor: bigint
  readonly takenBefore: readonly TakenMoney[]
  readonly isCreditOnly: boolean
}

/**
 * What credits pay of it with everything known, less what they paid before. What invoices took stays taken as far as
 * there still is something to pay, and is given back beyond.
 */
export function decideLatePayments(
  charges: readonly LateCreditableCharge[],
  { currency, account, burns, now }: CreditFacts,
): CreditPayments {
  let current = account
  const items: WantedItem[] = []
  const taken: TakenMoney[] = []
  for (const charge of charges) {
    const { line, lineKey, isCreditOnly, paidBeforeMinor } = charge
    const totalMinor = larger(charge.totalMinor, 0n)
    const coveredMinor = smaller(charge.coveredMinor, totalMinor)
    const byGrant = Map.groupBy(ownOf(line, burnedMoney(burns)), ({ grantId }) => grantId)
    const burned = [...byGrant.values()].map((parts) => burnedMinor(parts, currency))
    const spentMinor = smaller(sumUp(burned), totalMinor - coveredMinor)
    const tookMinor = sumUp(charge.takenBefore.map(({ amountMinor }) => amountMinor))
    const restMinor = totalMinor - coveredMinor - spentMinor - tookMinor
    const payable = { key: line.key, featureKey: line.featureKey, amountMinor: restMinor }
    const more = restMinor > 0n ? [payable] : []
    const applied = applyCredits(more, current, { currency, isCreditOnly, now })
    const given = restMinor < 0n ? giveBack(charge.takenBefore, -restMinor) : []
    const movedMinor = applied.appliedMinor + sumUp(given.map(({ amountMinor }) => amountMinor))
    const paidMinor = coveredMinor + spentMinor + tookMinor + movedMinor
    if (paidMinor === paidBeforeMinor) continue
    current = applied.account
    for (const { grantId, amountMinor } of [...applied.applications, ...given]) {
      taken.push({ lineKey: creditLineKey(line.key), grantId, amountMinor })
    }
    const changeMinor = paidMinor - paidBeforeMinor
    const parts = { coveredMinor, moneyMinor: paidMinor - coveredMinor, paidBeforeMinor }
    const item = itemOf(line, changeMinor, stepOf(line, parts, { burns, currency }))
    const { charge: shown } = item
    const inAll = {
      lineKey: creditLineKey(lineKey),
      grossMinor: -paidMinor,
      amountMinor: -paidMinor,
    }
    items.push({ ...item, charge: { ...shown, ...inAll } })
  }
  return { items, taken, account: current }
}

/** What was taken last comes back first. */
function giveBack(takenBefore: readonly TakenMoney[], amountMinor: bigint): TakenMoney[] {
  let left = amountMinor
  return takenBefore.toReversed().flatMap((each) => {
    const back = smaller(left, each.amountMinor)
    if (back <= 0n) return []
    left -= back
    return [{ ...each, amountMinor: -back }]
  })
}

function ownOf<T extends { readonly featureKey: string; readonly at: Instant }>(
  { featureKey, servicePeriod: { startsAt, endsAt } }: InvoiceLine,
  burns: readonly T[],
): T[] {
  return burns.filter(
    (burn) => burn.featureKey === featureKey && startsAt <= burn.at && burn.at < endsAt,
  )
}

function stepOf(
  line: InvoiceLine,
  parts: {
    readonly coveredMinor: bigint
    readonly moneyMinor: bigint
    readonly paidBeforeMinor: bigint
  },
  { burns, currency }: Pick<CreditFacts, 'burns' | 'currency'>,
): CreditsStep {
  const { coveredMinor, moneyMinor, paidBeforeMinor } = parts
  const spoken = (amountMinor: bigint) => formatFraction(fromMinor(amountMinor, currency))
  return {
    kind: 'credits',
    units: ownOf(line, burns)
      .filter(({ unit }) => !unit.startsWith('money:'))
      .map(({ unit, units, amount }) => ({
        unit,
        units: formatDecimal(units),
        amount: formatDecimal(amount),
      })),
    covered: spoken(coveredMinor),
    money: spoken(moneyMinor),
    ...(paidBeforeMinor !== 0n && { paidBefore: spoken(paidBeforeMinor) }),
    amount: spoken(paidBeforeMinor - coveredMinor - moneyMinor),
  }
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

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

function larger(a: bigint, b: bigint): bigint {
  return a > b ? a : b
}

function sumUp(amounts: readonly bigint[]): bigint {
  return amounts.reduce((sum, amount) => sum + amount, 0n)
}

function sumOf(lines: readonly InvoiceLine[]): bigint {
  return sumUp(lines.map(({ amountMinor }) => amountMinor))
}

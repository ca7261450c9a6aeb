import type { Currency } from '../../../kit/currency.ts'
import { type Decimal, minDecimal, ZERO } from '../../../kit/decimal.ts'
import { fractionDigits } from '../../../kit/currency.ts'
import { DAY_MS, type Instant } from '../../../kit/instant.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type LedgerCause, type Movement, post } from '../../credits/account.ts'
import { type CreditUnit, unreserved } from '../../credits/grant.ts'
import type { Credits } from '../../credits/service.ts'
import type { Burn } from '../../credits/spending/burn.ts'
import type { CreditSpending } from '../../credits/spending/service.ts'
import type { Charges } from '../charges/service.ts'
import type { Invoice, StoredLine } from '../invoice.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import type { WantedItem } from '../items/item.ts'
import { lineKey } from '../lines.ts'
import { type Piece, piecesEndingIn } from '../pieces.ts'
import { rateLines, requiredUsage } from '../rate-invoice.ts'
import { compareUsage, coveredOfLate } from '../rating/late-usage.ts'
import { priceOf } from '../rating/rate-card.ts'
import type { Contract, Rating } from '../rating.service.ts'
import {
  coverageOf,
  creditLineKey,
  type CreditableCharge,
  type CreditPayments,
  decideCreditPayments,
  decideLatePayments,
  type LateCreditableCharge,
  type TakenMoney,
} from './decide-payments.ts'
import * as store from './store.ts'

/** What was forgotten for longer than this was forgiven. */
const REACH_MS = 400 * DAY_MS
const NOTHING: PaidByCredits = { items: [], taken: [] }

/** What an invoice shows of credits, and what it takes. */
export type PaidByCredits = Pick<CreditPayments, 'items' | 'taken'>

interface CreditPaymentsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly charges: Charges
  readonly credits: Pick<Credits, 'loadIn' | 'appendIn' | 'forgiveIn' | 'toldIn'>
  readonly creditSpending: Pick<CreditSpending, 'burns'>
  readonly rating: Rating
}

export type CreditPaymentsService = ReturnType<typeof createCreditPayments>

/**
 * Credits on invoices. While an invoice may change its money is held on the grants; final, it is burned; void, it is
 * given back. What was paid when the usage happened is only shown.
 */
export function createCreditPayments(deps: CreditPaymentsDeps) {
  const { accounts, charges, credits, creditSpending, rating } = deps

  async function chargesOf(
    contract: Contract,
    pieces: readonly Piece[],
    burns: readonly Burn[],
    charged: readonly WantedItem[],
    db: Db,
  ): Promise<CreditableCharge[]> {
    const rated: CreditableCharge[] = []
    for (const { term, card, startsAt, endsAt } of pieces) {
      const scope = {
        ...contract,
        terms: [{ ...term, phase: { ...term.phase, rateCards: [card] } }],
        closing: { startsAt, endsAt },
        opening: null,
        lateUsage: [],
        coupons: [],
      }
      const usage = await rating.read(contract, requiredUsage(scope), 'counted', db)
      const lines = rateLines({ ...scope, usage, coverage: [] })
      const linesUncovered = rateLines({ ...scope, usage, coverage: coverageOf(burns) })
      const isCreditOnly = term.definition.settlement === 'credit_only'
      // What a coupon took off needs no credits.
      const most = (line: InvoiceLine) =>
        charged.find((item) => item.lineKey === line.key)?.amountMinor ?? line.amountMinor
      const atMost = (line: InvoiceLine): InvoiceLine =>
        line.amountMinor > most(line) ? { ...line, amountMinor: most(line) } : line
      rated.push({
        lines: lines.map(atMost),
        linesUncovered: linesUncovered.map((line) => {
          const own = lines.find(({ key }) => key === line.key)
          const ceiling = own === undefined ? line.amountMinor : most(own)
          return line.amountMinor > ceiling ? { ...line, amountMinor: ceiling } : line
        }),
        isCreditOnly,
      })
    }
    return rated
  }

  /** Usage of times that are on final invoices already. */
  async function lateOf(
    contract: Contract,
    burns: readonly Burn[],
    charged: readonly WantedItem[],
    now: Instant,
    db: Db,
  ): Promise<LateCreditableCharge[]> {
    const { mode, id } = contract.subscription
    const late: LateCreditableCharge[] = []
    for (const { billed, late: known } of await charges.touched(contract, now, db)) {
      const line = compareUsage(known, contract)
      const added = charged.find((item) => item.lineKey === line.key)?.amountMinor
      const keys = [billed.lineKey, line.key].map(creditLineKey)
      const shown = await charges.find(db, mode, id, creditLineKey(billed.lineKey))
      late.push({
        line,
        lineKey: billed.lineKey,
        totalMinor: billed.amountMinor + (added ?? line.amountMinor),
        coveredMinor: coveredOfLate(known, coverageOf(burns), contract),
        paidBeforeMinor: -(shown?.amountMinor ?? 0n),
        takenBefore: await store.takenFor(db, mode, id, keys),
        isCreditOnly: known.term.definition.settlement === 'credit_only',
      })
    }
    return late
  }

  async function accountWithout(
    db: Db,
    customer: Customer,
    currency: Currency,
    held: readonly TakenMoney[],
    cause: LedgerCause,
  ) {
    const account = await credits.loadIn(db, customer, money(currency))
    return post(account, releases(held, currency, cause)).account
  }

  /** Makes the ledger say what the invoice holds. The customer is locked. */
  async function rehold(
    tx: Db,
    customer: Customer,
    { id, mode, currency }: Pick<Invoice, 'id' | 'mode' | 'currency'>,
    taken: readonly TakenMoney[],
  ): Promise<void> {
    const before = await store.ofInvoice(tx, mode, id)
    if (isSame(before, taken)) return
    const cause = causeOf(id)
    const movements = [
      ...releases(before, currency, cause),
      ...taken.flatMap((each) => moved(each, 'reserved', currency, cause)),
    ]
    const account = await credits.loadIn(tx, customer, money(currency))
    await credits.appendIn(tx, customer, post(account, movements))
    await store.replace(
      tx,
      mode,
      id,
      taken.map((each) => ({ ...each, state: 'held' })),
    )
    await credits.toldIn(tx, customer, money(currency))
  }

  /** Takes what an invoice takes for good, and with a minus gives it back; never more than a grant has. */
  async function settle(
    tx: Db,
    customer: Customer,
    { id, currency }: Pick<Invoice, 'id' | 'currency'>,
    taken: TakenMoney,
    held: readonly TakenMoney[],
  ): Promise<void> {
    const { grantId, amountMinor } = taken
    const cause = causeOf(id)
    const unit = money(currency)
    const isBack = amountMinor < 0n
    const amount = toMajor(isBack ? -amountMinor : amountMinor, currency)
    if (isBack && grantId === null) {
      await credits.forgiveIn(tx, customer, unit, amount, cause)
      return
    }
    const released = releases(held, currency, cause)
    const account = await credits.loadIn(tx, customer, unit)
    const holding = post(account, released).account.holdings.find(
      ({ grant }) => grant.id === grantId,
    )
    const most = isBack || holding === undefined ? amount : unreserved(holding.balance)
    const type = isBack ? 'adjusted' : 'burned'
    const movement = { grantId, type, amount: minDecimal(amount, most), cause } as const
    // One posting: what becomes free in between is nobody else's.
    await credits.appendIn(tx, customer, post(account, [...released, movement]))
  }

  return {
    rehold,

    /** What credits pay of usage that ended by `closesAt` and is on no final invoice yet; of `invoiceId`, anew. `charged` are the lines of ours. */
    async of(
      contract: Contract,
      closesAt: Instant,
      { invoiceId, charged }: { invoiceId: string | null; charged: readonly WantedItem[] },
      now: Instant,
      db: Db,
    ): Promise<PaidByCredits> {
      const { subscription, customer, currency } = contract
      const { mode, id } = subscription
      const since = closesAt - REACH_MS
      const burns = await creditSpending.burns(mode, id, { startsAt: since, endsAt: closesAt }, db)
      const held = invoiceId === null ? [] : await store.ofInvoice(db, mode, invoiceId)
      const cause = causeOf(invoiceId ?? '')
      const account = await accountWithout(db, customer, currency, held, cause)
      const isCreditOnly = contract.terms.some(
        ({ definition }) => definition.settlement === 'credit_only',
      )
      // Most customers have no credits, and their usage need not be rated twice.
      const hasAny = account.holdings.some(({ grant }) => grant.state === 'active')
      if (burns.length === 0 && !hasAny && !isCreditOnly) return NOTHING
      const billed = await charges.keysSince(db, mode, id, since)
      const pieces = usagePieces(contract, since, closesAt).filter(
        ({ term, card, startsAt }) => !billed.has(lineKey('usage', term, card.key, startsAt)),
      )
      const rated = await chargesOf(contract, pieces, burns, charged, db)
      const facts = { currency, burns, now }
      const own = decideCreditPayments(rated, { ...facts, account })
      const late = await lateOf(contract, burns, charged, now, db)
      const earlier = decideLatePayments(late, { ...facts, account: own.account })
      return { items: [...own.items, ...earlier.items], taken: [...own.taken, ...earlier.taken] }
    },

    /** An invoice became final, or void. */
    async follow(
      tx: Db,
      invoice: Invoice,
      readLines: () => Promise<readonly StoredLine[]>,
    ): Promise<void> {
      const { mode, id, state, currency, customerId } = invoice
      if (state === 'draft') return
      const rows = await store.ofInvoice(tx, mode, id)
      if (rows.length === 0) return
      const lines = await readLines()
      const shownKeys = new Set(lines.flatMap(({ lineKey }) => lineKey ?? []))
      const customer = await accounts.get(mode, customerId, tx)
      const isVoid = state === 'void'
      for (const row of rows) {
        const isHeld = row.state === 'held'
        if (isHeld && !isVoid && shownKeys.has(row.lineKey)) {
          await settle(tx, customer, invoice, row, [row])
        } else if (isHeld) {
          const account = await credits.loadIn(tx, customer, money(currency))
          await credits.appendIn(
            tx,
            customer,
            post(account, releases([row], currency, causeOf(id))),
          )
        } else if (isVoid) {
          await settle(tx, customer, invoice, { ...row, amountMinor: -row.amountMinor }, [])
        }
      }
      const kept = isVoid ? [] : rows.filter((row) => shownKeys.has(row.lineKey))
      await store.replace(
        tx,
        mode,
        id,
        kept.map((row) => ({ ...row, state: 'burned' })),
      )
    },
  }
}

/** Usage charges that ended in a stretch of time, whoever puts them on the invoice. */
function usagePieces({ terms, currency }: Contract, after: Instant, until: Instant): Piece[] {
  const window = { startsAt: after, endsAt: until }
  return terms.flatMap((term) =>
    term.phase.rateCards
      .filter((card) => (priceOf(card, currency)?.type ?? 'flat') !== 'flat')
      .flatMap((card) => piecesEndingIn(term, card, window)),
  )
}

function isSame(before: readonly TakenMoney[], after: readonly TakenMoney[]): boolean {
  const text = (all: readonly TakenMoney[]) =>
    all
      .map(({ lineKey: key, grantId, amountMinor }) => `${key} ${grantId ?? ''} ${amountMinor}`)
      .toSorted()
      .join('\n')
  return text(before) === text(after)
}

function releases(held: readonly TakenMoney[], currency: Currency, cause: LedgerCause): Movement[] {
  return held.flatMap((each) => moved(each, 'released', currency, cause))
}

/** A debt is not held beforehand, and nothing is given back then: both happen when the invoice is final. */
function moved(
  { grantId, amountMinor }: TakenMoney,
  type: 'reserved' | 'released',
  currency: Currency,
  cause: LedgerCause,
): Movement[] {
  const amount = toMajor(amountMinor, currency)
  return grantId !== null && amount > ZERO ? [{ grantId, type, amount, cause }] : []
}

function toMajor(amountMinor: bigint, currency: Currency): Decimal {
  return (amountMinor * 10n ** BigInt(12 - fractionDigits(currency))) as Decimal
}

function money(currency: Currency): CreditUnit {
  return { kind: 'money', currency }
}

function causeOf(invoiceId: string): LedgerCause {
  return { kind: 'invoice', id: invoiceId }
}

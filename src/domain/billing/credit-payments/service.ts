import type { Currency } from '../../../kit/currency.ts'
import { type Decimal, ZERO } from '../../../kit/decimal.ts'
import { fractionDigits } from '../../../kit/currency.ts'
import { DAY_MS, type Instant } from '../../../kit/instant.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type LedgerCause, type Movement, post } from '../../credits/account.ts'
import type { CreditUnit } from '../../credits/grant.ts'
import type { Credits } from '../../credits/service.ts'
import type { Burn } from '../../credits/spending/burn.ts'
import type { CreditSpending } from '../../credits/spending/service.ts'
import type { Charges } from '../charges/service.ts'
import type { Invoice } from '../invoice.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import type { WantedItem } from '../items/item.ts'
import { lineKey } from '../lines.ts'
import { type Piece, piecesEndingIn } from '../pieces.ts'
import { rateLines, requiredUsage } from '../rate-invoice.ts'
import { priceOf } from '../rating/rate-card.ts'
import type { Contract, Rating } from '../rating.service.ts'
import {
  coverageOf,
  type CreditableCharge,
  type CreditPayments,
  decideCreditPayments,
  type TakenMoney,
} from './decide-payments.ts'
import * as store from './store.ts'

/** What was forgotten for longer than this was forgiven. */
const REACH_MS = 400 * DAY_MS
const NOTHING: CreditPayments = { items: [], taken: [] }

interface CreditPaymentsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly charges: Charges
  readonly credits: Pick<Credits, 'loadIn' | 'appendIn' | 'toldIn'>
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

  return {
    rehold,

    /** What credits pay of usage that ended by `closesAt` and is on no final invoice yet; of `invoiceId`, anew. `charged` are the lines of ours. */
    async of(
      contract: Contract,
      closesAt: Instant,
      { invoiceId, charged }: { invoiceId: string | null; charged: readonly WantedItem[] },
      now: Instant,
      db: Db,
    ): Promise<CreditPayments> {
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
      return decideCreditPayments(rated, { currency, account, burns, now })
    },

    /** An invoice became final, or void. */
    async follow(tx: Db, invoice: Invoice, shownKeys: ReadonlySet<string>): Promise<void> {
      const { mode, id, state, currency, customerId } = invoice
      if (state === 'draft') return
      const rows = await store.ofInvoice(tx, mode, id)
      if (rows.length === 0) return
      const customer = await accounts.get(mode, customerId, tx)
      const cause = causeOf(id)
      const isVoid = state === 'void'
      const movements = rows.flatMap((row) => {
        if (row.state === 'burned') return isVoid ? moved(row, 'adjusted', currency, cause) : []
        const released = moved(row, 'released', currency, cause)
        const isPaid = !isVoid && shownKeys.has(row.lineKey)
        return isPaid ? [...released, ...moved(row, 'burned', currency, cause)] : released
      })
      if (movements.length > 0) {
        const account = await credits.loadIn(tx, customer, money(currency))
        await credits.appendIn(tx, customer, post(account, movements))
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

/** A debt is not held beforehand: it is made when the invoice is final. */
function moved(
  { grantId, amountMinor }: TakenMoney,
  type: 'reserved' | 'released' | 'burned' | 'adjusted',
  currency: Currency,
  cause: LedgerCause,
): Movement[] {
  const amount = (amountMinor * 10n ** BigInt(12 - fractionDigits(currency))) as Decimal
  const isPossible = grantId !== null || type === 'burned' || type === 'adjusted'
  return isPossible && amount > ZERO ? [{ grantId, type, amount, cause }] : []
}

function money(currency: Currency): CreditUnit {
  return { kind: 'money', currency }
}

function causeOf(invoiceId: string): LedgerCause {
  return { kind: 'invoice', id: invoiceId }
}

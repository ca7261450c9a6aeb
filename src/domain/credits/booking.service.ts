import type { Decimal } from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { LedgerCause } from './account.ts'
import type { CreditUnit } from './grant.ts'
import { decideClaims, decideForgive, type Posting } from './ledger.ts'
import * as store from './store.ts'

/** On it gateways hear that a customer's credits have changed. */
export const CREDIT_NEWS = 'farebox_credit_news'

type Entries = Pick<Posting, 'account' | 'entries'>

/** How decisions get into the ledger. The customer is locked since the account was loaded. */
export function createCreditBooking({
  database,
  accounts,
  accessChanges,
}: {
  readonly database: Database
  readonly accounts: Accounts
  readonly accessChanges: AccessChanges
}) {
  /** Appends. What comes back of a grant goes first to whom it was promised, such as the refund of its purchase. */
  async function append(tx: Db, customer: Customer, { account, entries }: Entries): Promise<void> {
    const { mode, id } = customer
    const now = accounts.now(customer)
    await store.append(tx, mode, id, account, entries, now)
    if (!entries.some(({ type }) => type === 'released' || type === 'adjusted')) return
    const grantIds = account.holdings.map(({ grant }) => grant.id)
    const met = decideClaims(account, await store.listClaims(tx, mode, grantIds))
    if (met.entries.length === 0) return
    await store.append(tx, mode, id, met.account, met.entries, now)
    await store.meetClaims(tx, mode, met.entries)
  }

  /** Who holds some in stock looks again, and who believes there are none. */
  async function announce(tx: Db, mode: Mode, customerId: string): Promise<void> {
    await accessChanges.announce(tx, { mode, customerId })
    await database.publish(tx, CREDIT_NEWS, JSON.stringify({ mode, customerId, isChanged: true }))
  }

  async function book(tx: Db, customer: Customer, posting: Entries): Promise<void> {
    if (posting.entries.length === 0) return
    await append(tx, customer, posting)
    await announce(tx, customer.mode, customer.id)
  }

  return {
    append,
    announce,
    book,

    load: (tx: Db, { mode, id }: Customer, unit: CreditUnit) =>
      store.loadAccount(tx, mode, id, unit),

    /** Takes a debt back, and what was paid of it since. */
    async forgive(
      tx: Db,
      customer: Customer,
      unit: CreditUnit,
      amount: Decimal,
      cause: LedgerCause,
    ): Promise<void> {
      const { mode, id } = customer
      const account = await store.loadAccount(tx, mode, id, unit)
      const repayments = await store.listRepayments(tx, mode, id, unit)
      await book(tx, customer, decideForgive(account, amount, repayments, cause))
    },
  }
}

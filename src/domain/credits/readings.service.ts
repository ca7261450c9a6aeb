import { add, type Decimal, ZERO } from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { availableCredits } from './account.ts'
import { isExpired } from './grant.ts'
import * as store from './store.ts'
import { parseUnit, unitText } from './unit-text.ts'

/** What a customer has of one unit. */
export interface CreditBalance {
  readonly unit: string
  readonly available: Decimal
  readonly reserved: Decimal
  readonly debt: Decimal
}

/** What customers have, and how it came about. */
export function createCreditReadings({
  database,
  accounts,
}: {
  readonly database: Database
  readonly accounts: Accounts
}) {
  return {
    /** What there is of each unit, by the customer's clock. */
    async balances(mode: Mode, customerId: string): Promise<CreditBalance[]> {
      const { db } = database
      const customer = await accounts.get(mode, customerId)
      const holdings = await store.listHoldings(db, mode, customerId)
      const debts = await store.listDebts(db, mode, customerId)
      const texts = [
        ...new Set([
          ...holdings.map(({ grant }) => unitText(grant.unit)),
          ...debts.map(({ unit }) => unit),
        ]),
      ]
      return Promise.all(
        texts.toSorted().map(async (text) => {
          const unit = parseUnit(text)
          if (unit === undefined) throw new RangeError(`Not a unit: ${text}`)
          const account = await store.loadAccount(db, mode, customerId, unit)
          const reserved = account.holdings.reduce(
            (sum, { balance }) => add(sum, balance.reserved),
            ZERO,
          )
          const available = availableCredits(account, null, accounts.now(customer))
          return { unit: text, available, reserved, debt: account.debt }
        }),
      )
    },

    /** Of which units a customer has, or may still get something back from, grants that have not expired. */
    async units(customer: Customer, db: Db = database.db): Promise<ReadonlySet<string>> {
      const { mode, id } = customer
      const now = accounts.now(customer)
      const holdings = await store.listHoldings(db, mode, id)
      const valid = holdings.filter(
        ({ grant }) => grant.state === 'active' && !isExpired(grant, now),
      )
      return new Set(valid.map(({ grant }) => unitText(grant.unit)))
    },

    grants: (mode: Mode, customerId: string) => store.listHoldings(database.db, mode, customerId),
    holding: (mode: Mode, grantId: string, db: Db) => store.findHolding(db, mode, grantId),
    entries: (
      mode: Mode,
      customerId: string,
      page: PageRequest,
    ): Promise<Page<store.ListedEntry>> => store.listEntries(database.db, mode, customerId, page),
  }
}

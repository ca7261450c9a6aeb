import type { Instant } from '../../kit/instant.ts'
import type { Decimal } from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { CreditUnit } from './grant.ts'
import { decideExpire, type Posting } from './ledger.ts'
import * as store from './store.ts'
import { parseUnit, unitText } from './unit-text.ts'

const MAX_EXPIRED_PER_RUN = 200

interface ExpiryDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly book: (tx: Db, customer: Customer, posting: Posting) => Promise<void>
  readonly told: (tx: Db, customer: Customer, unit: CreditUnit) => Promise<Decimal>
}

/** Books what time has taken away; balances know it already. */
export function createExpiry({ database, accounts, audit, book, told }: ExpiryDeps) {
  async function expire(mode: Mode, customerId: string, unit: CreditUnit): Promise<void> {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const account = await store.loadAccount(tx, mode, customerId, unit)
      const posting = decideExpire(account, now)
      await book(tx, customer, posting)
      if (posting.entries.length === 0) return
      await told(tx, customer, unit)
      await audit.record(tx, systemCaller(mode), {
        action: 'credits.expired',
        targetKind: 'customer',
        targetId: customerId,
        customerId,
        after: { unit: unitText(unit), grants: posting.entries.map(({ grantId }) => grantId) },
      })
    })
  }

  return {
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const { customerId, unit } of await store.listExpired(
        database.db,
        mode,
        now,
        MAX_EXPIRED_PER_RUN,
      )) {
        const parsed = parseUnit(unit)
        if (parsed !== undefined) await expire(mode, customerId, parsed)
      }
    },

    nextDue: (mode: Mode, after: Instant) => store.nextExpiry(database.db, mode, after),
  }
}

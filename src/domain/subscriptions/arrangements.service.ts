import { notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import { checkVersion } from './expected-version.ts'
import * as store from './store.ts'
import type { AccessOverride, Subscription } from './subscription.ts'

interface ArrangementsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly accessChanges: AccessChanges
}

export type Arrangements = ReturnType<typeof createArrangements>

/** What an operator arranges for one subscription beside its plan. */
export function createArrangements(deps: ArrangementsDeps) {
  const { database, accounts, audit, accessChanges } = deps

  async function locked(
    tx: Db,
    mode: Mode,
    id: string,
    expectedVersion: number | null,
  ): Promise<{ subscription: Subscription; customer: Customer }> {
    const seen = await store.find(tx, mode, id)
    if (seen === undefined) throw notFound('subscription')
    const customer = await accounts.lock(tx, mode, seen.customerId)
    const subscription = await store.find(tx, mode, id)
    if (subscription === undefined) throw notFound('subscription')
    checkVersion(subscription, expectedVersion)
    return { subscription, customer }
  }

  return {
    /** Lets in or keeps out, whatever payments and lifecycle say. Null leaves it to them again. */
    async setAccess(
      caller: Caller,
      id: string,
      accessOverride: AccessOverride | null,
      expectedVersion: number | null = null,
    ): Promise<Subscription> {
      const { mode } = caller
      return database.transaction(async (tx) => {
        const { subscription, customer } = await locked(tx, mode, id, expectedVersion)
        const { customerId } = subscription
        await store.update(tx, { ...subscription, accessOverride }, accounts.now(customer))
        await accessChanges.announce(tx, { mode, customerId })
        await audit.record(tx, caller, {
          action: 'subscription.access_overridden',
          targetKind: 'subscription',
          targetId: id,
          customerId,
          before: { accessOverride: subscription.accessOverride },
          after: { accessOverride },
        })
        return { ...subscription, accessOverride, version: subscription.version + 1 }
      })
    },
  }
}

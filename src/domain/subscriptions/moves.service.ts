import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { termsOfStays } from '../billing/history.ts'
import { termAt } from '../billing/terms.ts'
import type { PlanVersion } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

/** Where a subscription moves to, and what it is counted by from then on. */
export interface Move {
  readonly at: Instant
  readonly phaseKey: string
  readonly billingAnchor: Instant
  readonly usageAnchor: Instant
  readonly feesFrom: Instant | null
  readonly startsBy: 'change' | 'migrate'
}

interface MovesDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly stays: Stays
  readonly accessChanges: AccessChanges
}

export type Moves = ReturnType<typeof createMoves>

/** A subscription that goes on under other terms: on another plan version, or in the next phase of its own. */
export function createMoves({ accounts, audit, catalog, stays, accessChanges }: MovesDeps) {
  return {
    /** Puts a subscription on another plan version from an instant on. The customer is locked. */
    async moveTo(
      tx: Db,
      caller: Caller,
      subscription: Subscription,
      version: PlanVersion,
      move: Move,
    ): Promise<Subscription> {
      const { mode, id, customerId, overrides } = subscription
      const { at, phaseKey, billingAnchor, usageAnchor, feesFrom, startsBy } = move
      const planVersionId = version.id
      await stays.begin(tx, mode, {
        subscriptionId: id,
        planVersionId,
        startingPhaseKey: phaseKey,
        startsAt: at,
        startsBy,
        feesFrom,
        billingAnchor,
        usageAnchor,
        phaseEndsAt: null,
        overrides,
      })
      const after: Subscription = {
        ...subscription,
        planKey: version.planKey,
        planVersionId,
        phaseKey,
        phaseStartsAt: at,
        billingAnchor,
        usageAnchor,
      }
      const customer = await accounts.get(mode, customerId, tx)
      await store.update(tx, after, accounts.now(customer))
      await accessChanges.announce(tx, { mode, customerId })
      const before = await catalog.getVersion(mode, subscription.planVersionId, tx)
      await audit.record(tx, caller, {
        action: startsBy === 'change' ? 'subscription.changed' : 'subscription.migrated',
        targetKind: 'subscription',
        targetId: id,
        customerId,
        after: { plan: version.planKey, version: version.version, at },
        before: { plan: before.planKey, version: before.version },
      })
      return after
    },

    /** The phase the subscription is in now: a trial that is over, an introductory price that has run out. */
    async enterPhase(
      tx: Db,
      customer: Customer,
      subscription: Subscription,
    ): Promise<Subscription> {
      const { mode, id } = subscription
      const history = []
      for (const stay of await stays.list(mode, id, tx)) {
        history.push({ stay, version: await catalog.getVersion(mode, stay.planVersionId, tx) })
      }
      const term = termAt(termsOfStays(history, customer.timeZone, null), accounts.now(customer))
      if (term === undefined || term.phase.key === subscription.phaseKey) return subscription
      return { ...subscription, phaseKey: term.phase.key, phaseStartsAt: term.startsAt }
    },
  }
}

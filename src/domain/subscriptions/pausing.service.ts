import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { termsOfStays } from '../billing/history.ts'
import { termAt } from '../billing/terms.ts'
import type { Catalog } from '../catalog/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Stays } from './stays/service.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

interface PausingDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly stays: Stays
  readonly accessChanges: AccessChanges
}

export type Pausing = ReturnType<typeof createPausing>

/** A pause as rows, whoever brings it about. Callers hold the customer's lock. */
export function createPausing({ accounts, audit, catalog, stays, accessChanges }: PausingDeps) {
  /** The phase it would be in at an instant if nothing had been paused, and how much of it is left. */
  async function phaseThen(tx: Db, customer: Customer, { mode, id }: Subscription, at: Instant) {
    const history = []
    for (const stay of await stays.list(mode, id, tx)) {
      const version = await catalog.getVersion(mode, stay.planVersionId, tx)
      history.push({ stay: { ...stay, endsAt: null, endsBy: null }, version })
    }
    const last = history.at(-1)
    const terms = last === undefined ? [] : termsOfStays([last], customer.timeZone, null)
    const term = termAt(terms, at)
    if (term === undefined) return undefined
    return { phaseKey: term.phase.key, leftMs: term.endsAt === null ? null : term.endsAt - at }
  }

  return {
    /** What was asked of Stripe, before it was asked. */
    async note(
      tx: Db,
      caller: Caller,
      subscription: Subscription,
      intent: Pick<Subscription, 'resumesAt' | 'resumingAt'>,
      now: Instant,
    ): Promise<void> {
      const { id, customerId } = subscription
      await store.update(tx, { ...subscription, ...intent }, now)
      await audit.record(tx, caller, {
        action:
          intent.resumingAt === null
            ? 'subscription.pause_requested'
            : 'subscription.resume_requested',
        targetKind: 'subscription',
        targetId: id,
        customerId,
        after: intent,
      })
    },

    /** Nothing is sold from then on. The row itself is the caller's to write. */
    async enter(tx: Db, caller: Caller, subscription: Subscription, at: Instant): Promise<void> {
      const { mode, id, customerId } = subscription
      await stays.pause(tx, mode, id, at)
      await accessChanges.announce(tx, { mode, customerId })
      await audit.record(tx, caller, {
        action: 'subscription.paused',
        targetKind: 'subscription',
        targetId: id,
        customerId,
        after: { pausedAt: at, resumesAt: subscription.resumesAt },
      })
    },

    /** Goes on where it was: what is left of a phase is still left. The row itself is the caller's to write. */
    async leave(
      tx: Db,
      caller: Caller,
      customer: Customer,
      paused: Subscription,
      at: Instant,
    ): Promise<Pick<Subscription, 'phaseKey' | 'phaseStartsAt'>> {
      const { mode, id, customerId, pausedAt, planVersionId } = paused
      const then = await phaseThen(tx, customer, paused, pausedAt ?? at)
      const next = then?.phaseKey ?? paused.phaseKey
      const leftMs = then?.leftMs ?? null
      await stays.begin(tx, mode, {
        subscriptionId: id,
        planVersionId,
        startingPhaseKey: next,
        startsAt: at,
        startsBy: 'resume',
        feesFrom: null,
        billingAnchor: Math.min(paused.billingAnchor, at),
        usageAnchor: paused.usageAnchor,
        phaseEndsAt: leftMs === null ? null : at + leftMs,
        isOpenedHere: false,
        overrides: paused.overrides,
      })
      await accessChanges.announce(tx, { mode, customerId })
      await audit.record(tx, caller, {
        action: 'subscription.resumed',
        targetKind: 'subscription',
        targetId: id,
        customerId,
        before: { pausedAt },
        after: { at },
      })
      return { phaseKey: next, phaseStartsAt: at }
    },

    /** The row of one that no Stripe subscription stands behind. */
    async save(tx: Db, subscription: Subscription): Promise<void> {
      const customer = await accounts.get(subscription.mode, subscription.customerId, tx)
      await store.update(tx, subscription, accounts.now(customer))
    },
  }
}

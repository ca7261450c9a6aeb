import { AppError, notFound, refusalError } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connections } from '../connections/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { PlanChanges } from './changes/service.ts'
import { type CancelTiming, decideCancel, decideResume } from './decide-cancel.ts'
import { checkVersion } from './expected-version.ts'
import * as store from './store.ts'
import type { Subscription } from './subscription.ts'

interface CancellationsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly catalog: Catalog
  readonly changes: PlanChanges
  readonly connections: Connections
  readonly accessChanges: AccessChanges
}

/** Hands over what was used and not reported yet; what comes after the end is on no invoice of Stripe's. */
type UsageReporter = (subscription: Subscription) => Promise<void>

/** Takes back what is scheduled for a subscription that is about to be canceled. */
type PathClearer = (caller: Caller, subscription: Subscription) => Promise<void>

export type Cancellations = ReturnType<typeof createCancellations>

/** Canceling and taking it back. Stripe is told first, keyed by what is asked; our row follows its answer. */
export function createCancellations(deps: CancellationsDeps) {
  const { database, accounts, audit, catalog, changes, connections, accessChanges } = deps
  const pathClearers: PathClearer[] = []
  const usageReporters: UsageReporter[] = []

  return {
    /** Whoever has plans with a subscription gives them up before it ends by itself: Stripe allows only one of both. */
    clearPathBy(clearer: PathClearer): void {
      pathClearers.push(clearer)
    },

    /** Whoever knows of usage is asked for it before a subscription ends at once. */
    reportUsageBy(reporter: UsageReporter): void {
      usageReporters.push(reporter)
    },

    /** Ends at the period's end unless told otherwise; Stripe is told first, our row follows its answer. */
    async cancel(
      caller: Caller,
      subscriptionId: string,
      timing: CancelTiming,
      expectedVersion: number | null = null,
    ): Promise<Subscription> {
      const { mode } = caller
      const { subscription, customer } = await claim(mode, subscriptionId, expectedVersion)
      // Stripe ends nothing that a schedule of ours manages, and a change that waits would come after the end.
      const isChanging = (await changes.findOpen(mode, subscriptionId)) !== undefined
      if (isChanging && caller.actor.kind !== 'system') throw new AppError('change_pending', {})
      const version = await catalog.getVersion(mode, subscription.planVersionId)
      const now = accounts.now(customer)
      const decision = decideCancel(subscription, version.definition, timing, now)
      if (decision.kind === 'refused') throw refusalError(decision)
      // A refund or an unpaid invoice ends it whatever was planned; a person decides about both.
      if (isChanging) for (const clear of pathClearers) await clear(caller, subscription)
      if (decision.kind === 'now') for (const report of usageReporters) await report(subscription)
      await tellStripe(subscription, decision.kind === 'now' ? 'now' : decision.cancelAt)
      return settle(caller, subscription, 'subscription.canceled', (current) =>
        decision.kind === 'now'
          ? { ...current, cancelRequestedAt: now, cancelAt: now }
          : { ...current, cancelRequestedAt: now, cancelAt: decision.cancelAt },
      )
    },

    async resume(
      caller: Caller,
      subscriptionId: string,
      expectedVersion: number | null = null,
    ): Promise<Subscription> {
      const { mode } = caller
      const { subscription, customer } = await claim(mode, subscriptionId, expectedVersion)
      const decision = decideResume(subscription, accounts.now(customer))
      if (decision.kind === 'refused') throw refusalError(decision)
      await tellStripe(subscription, null)
      return settle(caller, subscription, 'subscription.resumed', (current) => ({
        ...current,
        cancelAt: null,
      }))
    },
  }

  /** Of all who have seen the same version and say so, the first one acts. */
  async function claim(mode: Mode, id: string, expectedVersion: number | null) {
    if (expectedVersion === null) return load(mode, id)
    const { customer } = await load(mode, id)
    await database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customer.id)
      const current = await store.find(tx, mode, id)
      if (current === undefined) throw notFound('subscription')
      checkVersion(current, expectedVersion)
      await store.update(tx, current, accounts.now(customer))
    })
    return load(mode, id)
  }

  async function load(mode: Mode, id: string) {
    const subscription = await store.find(database.db, mode, id)
    if (subscription === undefined) throw notFound('subscription')
    return { subscription, customer: await accounts.get(mode, subscription.customerId) }
  }

  async function tellStripe(
    subscription: Subscription,
    cancelAt: Instant | 'now' | null,
  ): Promise<void> {
    if (subscription.engine !== 'stripe_subscription') return
    const { api, scope } = await connections.stripe(subscription.mode)
    const stripeId = await connections.externalId(scope, 'subscription', subscription.id)
    if (stripeId === undefined) return
    const key = `${subscription.id}:cancel:${cancelAt}:${subscription.version}`
    if (cancelAt === 'now') await api.subscriptions.cancelNow(stripeId, key)
    else await api.subscriptions.scheduleCancel(stripeId, cancelAt, key)
  }

  /** Writes what was agreed with Stripe; its event will say the same again. */
  async function settle(
    caller: Caller,
    { mode, id, customerId }: Subscription,
    action: string,
    change: (current: Subscription) => Subscription,
  ): Promise<Subscription> {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const current = await store.find(tx, mode, id)
      if (current === undefined) throw notFound('subscription')
      const after = change(current)
      await store.update(tx, after, now)
      await accessChanges.announce(tx, { mode, customerId })
      await audit.record(tx, caller, {
        action,
        targetKind: 'subscription',
        targetId: id,
        customerId,
        before: { cancelAt: current.cancelAt },
        after: { cancelAt: after.cancelAt },
      })
    })
    const { subscription } = await load(mode, id)
    return subscription
  }
}

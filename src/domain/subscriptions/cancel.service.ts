import { AppError, notFound, refusalError } from '../../errors.ts'
import { type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Connections } from '../connections/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { PlanChanges } from './changes/service.ts'
import {
  type CancelDecision,
  type CancelTiming,
  decideCancel,
  decideResume,
} from './decide-cancel.ts'
import { givesWay } from './changes/plan-change.ts'
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

/** Does something in Stripe that whatever else there is for the subscription would stand in the way of. */
type Aside = <Result>(subscription: Subscription, work: () => Promise<Result>) => Promise<Result>

/** A cancellation that is written down and not carried out yet. */
interface Claim {
  readonly subscription: Subscription
  readonly decision: Exclude<CancelDecision, { kind: 'refused' }>
  readonly isChanging: boolean
  readonly now: Instant
  readonly wasRequestedAt: Instant | null
}

export type Cancellations = ReturnType<typeof createCancellations>

/** Canceling and taking it back. Stripe is told first, keyed by what is asked; our row follows its answer. */
export function createCancellations(deps: CancellationsDeps) {
  const { database, accounts, audit, catalog, changes, connections, accessChanges } = deps
  const pathClearers: PathClearer[] = []
  const usageReporters: UsageReporter[] = []
  let aside: Aside = (_, work) => work()

  return {
    /** Whoever keeps a schedule in Stripe sets it aside: what it manages Stripe ends only with it. */
    setAsideBy(setter: Aside): void {
      aside = setter
    },

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
      const claimed = await claim(caller, subscriptionId, timing, expectedVersion)
      const { subscription, decision, isChanging, now } = claimed
      const cancelAt = decision.kind === 'now' ? now : decision.cancelAt
      let isTold = false
      try {
        return await aside(subscription, async () => {
          // A refund or an unpaid invoice ends it whatever was planned; a person decides about both.
          if (isChanging) for (const clear of pathClearers) await clear(caller, subscription)
          if (decision.kind === 'now')
            for (const report of usageReporters) await report(subscription)
          await tellStripe(subscription, decision.kind === 'now' ? 'now' : cancelAt)
          isTold = true
          return settle(caller, subscription, 'subscription.canceled', (current) => ({
            ...current,
            cancelRequestedAt: now,
            cancelAt,
          }))
        })
      } catch (error) {
        if (!isTold) await release(claimed)
        throw error
      }
    },

    async resume(
      caller: Caller,
      subscriptionId: string,
      expectedVersion: number | null = null,
    ): Promise<Subscription> {
      const { mode } = caller
      const subscription = await database.transaction(async (tx) => {
        const { current, now } = await lock(tx, mode, subscriptionId, expectedVersion)
        const decision = decideResume(current, now)
        if (decision.kind === 'refused') throw refusalError(decision)
        await store.update(tx, current, now)
        return { ...current, version: current.version + 1 }
      })
      await tellStripe(subscription, null)
      return settle(caller, subscription, 'subscription.resumed', (current) => ({
        ...current,
        cancelRequestedAt: null,
        cancelAt: null,
      }))
    },
  }

  /**
   * Of all who ask at once the first one acts: that it is asked for is written down before Stripe is told, and whatever
   * was seen or quoted before that is out of date.
   */
  async function claim(
    caller: Caller,
    id: string,
    timing: CancelTiming,
    expectedVersion: number | null,
  ): Promise<Claim> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const { current, now } = await lock(tx, mode, id, expectedVersion)
      // Stripe ends nothing that a schedule of ours manages, and a change that waits would come after the end.
      const open = await changes.findOpen(mode, id, tx)
      const isChanging = open !== undefined
      if (isChanging && !givesWay(open) && caller.actor.kind !== 'system') {
        throw new AppError('change_pending', {})
      }
      const version = await catalog.getVersion(mode, current.planVersionId, tx)
      const decision = decideCancel(current, version.definition, timing, now)
      if (decision.kind === 'refused') throw refusalError(decision)
      if (isBeingCanceled(current, now)) throw new AppError('already_canceling', {})
      await store.update(tx, { ...current, cancelRequestedAt: now }, now)
      const subscription = { ...current, cancelRequestedAt: now, version: current.version + 1 }
      return { subscription, decision, isChanging, now, wasRequestedAt: current.cancelRequestedAt }
    })
  }

  /** Nothing came of it: the next one who asks need not wait. */
  async function release({ subscription, now, wasRequestedAt }: Claim): Promise<void> {
    const { mode, id } = subscription
    await database.transaction(async (tx) => {
      const { current } = await lock(tx, mode, id, null)
      if (current.cancelRequestedAt !== now) return
      await store.update(tx, { ...current, cancelRequestedAt: wasRequestedAt }, now)
    })
  }

  async function lock(tx: Db, mode: Mode, id: string, expectedVersion: number | null) {
    const seen = await store.find(tx, mode, id)
    if (seen === undefined) throw notFound('subscription')
    const customer = await accounts.lock(tx, mode, seen.customerId)
    const current = await store.find(tx, mode, id)
    if (current === undefined) throw notFound('subscription')
    checkVersion(current, expectedVersion)
    return { current, now: accounts.now(customer) }
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
    return database.transaction(async (tx) => {
      const { current, now } = await lock(tx, mode, id, null)
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
      return { ...after, version: current.version + 1 }
    })
  }
}

/** Somebody has asked for it a moment ago, and Stripe's answer is not here yet; unless whoever it was has died. */
function isBeingCanceled({ cancelRequestedAt, cancelAt }: Subscription, now: Instant): boolean {
  return cancelAt === null && cancelRequestedAt !== null && now - cancelRequestedAt < MINUTE_MS
}

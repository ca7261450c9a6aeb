import { AppError } from '../../errors.ts'
import { formatInstant, type Instant } from '../../kit/instant.ts'
import { DAY_MS } from '../../kit/instant.ts'
import { formatMoney } from '../../kit/money.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Changes } from '../billing/change/changes.service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import { meant } from './audience.service.ts'
import { decideMember, movesAt } from './decide-member.ts'
import type { Member, Migration } from './migration.ts'
import * as store from './store.ts'

/** A member is told and then moved in one run where no notice was asked for. */
const MAX_STEPS = 4

/** What a change is refused for that waiting does not cure. */
const FINAL = new Set(['already_subscribed', 'currency_not_offered', 'payment_method_required'])

interface StepsDeps {
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly changes: Changes
  readonly database: Database
  readonly log: Log
  readonly notifications: Notifications
  readonly subscriptions: Subscriptions
}

export type Steps = ReturnType<typeof createSteps>

/** Takes single members of a migration further: tells them, changes their plan, notes how it went. */
export function createSteps(deps: StepsDeps) {
  const { accounts, catalog, changes, database, log, notifications, subscriptions } = deps

  async function tell(
    migration: Migration,
    member: Member,
    subscription: Subscription,
    now: Instant,
  ): Promise<void> {
    const { mode, customerId, migrationId, subscriptionId } = member
    const to = await catalog.getVersion(mode, migration.toVersionId)
    const from = await catalog.getVersion(mode, subscription.planVersionId)
    const { currency } = subscription
    const { monthlyBeforeMinor, monthlyAfterMinor } = meant(subscription, from, to)
    const on = movesAt(migration, subscription, now)
    await database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customerId)
      const current = await store.findMember(tx, mode, migrationId, subscriptionId)
      if (current?.state !== 'waiting' || current.noticedAt !== null) return
      await notifications.tell(tx, {
        mode,
        template: 'plan_migrated',
        customerId,
        payload: {
          plan: to.definition.name,
          on: on === null ? null : dayOf(on),
          earliestOn: dayOf(now + migration.noticeDays * DAY_MS),
          priceBefore: formatMoney({ amountMinor: monthlyBeforeMinor, currency }),
          priceAfter: formatMoney({ amountMinor: monthlyAfterMinor, currency }),
        },
        dedupeKey: `plan_migrated:${migrationId}:${subscriptionId}`,
      })
      await store.updateMember(tx, member, { noticedAt: now }, now)
    })
  }

  async function change(
    migration: Migration,
    member: Member,
    timing: 'at_period_end' | 'immediate',
    now: Instant,
  ): Promise<void> {
    const { mode, subscriptionId } = member
    const caller = systemCaller(mode)
    const to = await catalog.getVersion(mode, migration.toVersionId)
    const request = { planKey: to.planKey, planVersion: to.version, timing }
    try {
      const preview = await changes.preview(caller, subscriptionId, request)
      const { id } = preview.change
      // Noted before it is confirmed: whoever comes next looks at this change and makes no second one.
      await store.updateMember(database.db, member, { changeId: id }, now)
      await changes.execute(caller, subscriptionId, id)
      await store.updateMember(database.db, member, { state: 'scheduled' }, now)
    } catch (error) {
      if (!(error instanceof AppError) || !FINAL.has(error.code)) throw error
      const reason = `The change was refused: ${error.message}`
      await store.updateMember(database.db, member, { state: 'skipped', reason }, now)
    }
  }

  /** One step; whether another may follow at once. */
  async function step(migration: Migration, known: Member): Promise<boolean> {
    const { mode, migrationId, subscriptionId, customerId } = known
    const member = await store.findMember(database.db, mode, migrationId, subscriptionId)
    if (member === undefined || (member.state !== 'waiting' && member.state !== 'scheduled')) {
      return false
    }
    const subscription = await subscriptions.get(mode, subscriptionId)
    const now = accounts.now(await accounts.get(mode, customerId))
    const next = decideMember({
      migration,
      member,
      subscription,
      change: member.changeId === null ? undefined : await changes.find(mode, member.changeId),
      open: await changes.findOpen(mode, subscriptionId),
      now,
    })
    switch (next.kind) {
      case 'wait':
        return false
      case 'tell':
        await tell(migration, member, subscription, now)
        return true
      case 'change':
        await change(migration, member, next.timing, now)
        return true
      case 'adopt': {
        const adopted = { state: 'scheduled' as const, changeId: next.changeId }
        await store.updateMember(database.db, member, adopted, now)
        return true
      }
      case 'settle': {
        const { state, reason } = next
        await store.updateMember(database.db, member, { state, reason }, now)
        return false
      }
    }
  }

  return {
    /** As far as it goes now. What fails is tried again by the next run and holds up no other. */
    async take(migration: Migration, member: Member): Promise<void> {
      const { migrationId, subscriptionId } = member
      try {
        for (let count = 0; count < MAX_STEPS; count++) {
          if (!(await step(migration, member))) return
        }
      } catch (error) {
        log.error('migration.step_failed', { migrationId, subscriptionId, error })
      }
    },
  }
}

function dayOf(at: Instant): string {
  return formatInstant(at).slice(0, 10)
}

import type { Decimal } from '../../../kit/decimal.ts'
import { DAY_MS, type Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import { duration, type Period, periodAt } from '../../../kit/period.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { systemCaller } from '../../audit/caller.ts'
import type { Catalog } from '../../catalog/service.ts'
import { grantsOf } from '../../entitlements/grants.ts'
import { isUsable, lifecycleAt, type Subscription } from '../../subscriptions/subscription.ts'
import type { GrantDraft } from '../grant.ts'
import { decideRecurring, rolloverGrant } from '../recurring.ts'
import type { Credits } from '../service.ts'
import { endedWindows, recurringGrantsOf, stillRolledOver } from './terms.ts'
import * as store from './store.ts'

const MAX_DUE = 200
/** Periods that are made up for in one go, after a time in which nothing ran. */
const MAX_STEPS = 24
/** When a plan's phase gives nothing, it is looked at again; a change of the phase is seen at once. */
const NOTHING_MS = 30 * DAY_MS

interface RecurrencesDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly credits: Pick<Credits, 'grantIn' | 'loadIn'>
  readonly metering: {
    total(
      mode: Mode,
      subscriptionId: string,
      meterKey: string,
      period: Period,
      db: Db,
    ): Promise<Decimal>
  }
  readonly subscriptions: {
    find(mode: Mode, id: string, db: Db): Promise<Subscription | undefined>
  }
}

/**
 * Credits that plans give in every period, and what usage periods left unused. Each has the subscription and its period
 * for a source, so that whoever tries it how often gives it once.
 */
export function createCreditRecurrences(deps: RecurrencesDeps) {
  const { database, accounts, catalog, credits, metering, subscriptions } = deps

  async function give(tx: Db, customer: Customer, draft: GrantDraft): Promise<void> {
    // Of a period that was missed altogether nothing could be spent any more.
    const isOver = draft.expiresAt !== null && draft.expiresAt <= accounts.now(customer)
    if (!isOver) await credits.grantIn(tx, systemCaller(customer.mode), customer, draft, null)
  }

  /** Gives what is due at an instant; answers when something will be again. */
  async function giveAt(
    tx: Db,
    customer: Customer,
    subscription: Subscription,
    at: Instant,
  ): Promise<Instant> {
    const { mode, id, phaseKey } = subscription
    const { timeZone } = customer
    const { definition } = await catalog.soldTo(subscription, tx)
    const phase = definition.phases.find(({ key }) => key === phaseKey)
    if (phase === undefined) return at + NOTHING_MS
    const due: Instant[] = []
    for (const template of recurringGrantsOf(phase, definition, subscription, timeZone, at)) {
      const { holdings } = await credits.loadIn(tx, customer, template.unit)
      const draft = decideRecurring(template, holdings, at)
      if (draft !== null) await give(tx, customer, draft)
      const { anchor, cadence } = template
      due.push(periodAt(anchor, duration(cadence), at, template.timeZone).endsAt)
    }
    const features = await catalog.features(mode, tx)
    const { quotas } = grantsOf(phase, definition, subscription, features, timeZone)
    const { ended, nextAt } = endedWindows(phase, quotas, subscription, at)
    for (const { featureKey, meterKey, limit, window, policy } of ended) {
      const { holdings } = await credits.loadIn(tx, customer, { kind: 'feature', featureKey })
      const draft = rolloverGrant({
        featureKey,
        subscriptionId: id,
        window,
        granted: limit,
        used: await metering.total(mode, id, meterKey, window, tx),
        stillRolledOver: stillRolledOver(holdings, id, at),
        policy,
        timeZone,
      })
      if (draft !== null) await give(tx, customer, draft)
    }
    return Math.min(at + NOTHING_MS, ...due, ...nextAt)
  }

  async function catchUp(mode: Mode, { subscriptionId, customerId }: store.DueSubscription) {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const subscription = await subscriptions.find(mode, subscriptionId, tx)
      if (subscription === undefined || !isUsable(lifecycleAt(subscription, now))) return
      const { planVersionId, phaseKey, phaseStartsAt } = subscription
      const known = await store.find(tx, mode, subscriptionId)
      // What ended under other terms is over.
      let nextAt = Math.min(now, Math.max(known?.nextAt ?? now, phaseStartsAt))
      for (let step = 0; step < MAX_STEPS && nextAt <= now; step++) {
        nextAt = await giveAt(tx, customer, subscription, nextAt)
      }
      await store.save(tx, mode, { subscriptionId, planVersionId, phaseKey, nextAt })
    })
  }

  return {
    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const due of await store.listDue(database.db, mode, now, MAX_DUE)) {
        await catchUp(mode, due)
      }
    },

    nextDue: (mode: Mode, after: Instant) => store.nextDue(database.db, mode, after),
  }
}

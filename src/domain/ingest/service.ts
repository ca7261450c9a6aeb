import { AppError, invalidRequest, notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { decimal, subtract, ZERO } from '../../kit/decimal.ts'
import { newId } from '../../kit/id.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import { toStorable } from '../../kit/storable.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Budgets } from '../budgets/service.ts'
import type { CreditSpending } from '../credits/spending/service.ts'
import { billingRule } from '../billing/billing-rule.ts'
import type { Meter } from '../catalog/meter.ts'
import type { Catalog } from '../catalog/service.ts'
import { grantsOf } from '../entitlements/grants.ts'
import type { QuotaAuthority } from '../entitlements/quota-authority.service.ts'
import type { Readings } from '../metering/readings/readings.service.ts'
import type { Metering } from '../metering/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import {
  type Entry,
  entriesOf,
  type Holder,
  isSummed,
  type Placed,
  spendingsOf,
  sumUp,
  toDelta,
  valueIn,
} from './booking.ts'
import { createCreditBurns } from './credit-burns.service.ts'
import { createLookups, type Lookups } from './lookups.service.ts'
import { measure } from './measure.ts'
import * as store from './store.ts'
import {
  type EventResult,
  refuseTime,
  rejected,
  type RejectedEvent,
  type StoredEvent,
  timeInId,
  type UsageEvent,
} from './usage-event.ts'

interface IngestDeps {
  readonly database: Database
  readonly clock: Clock
  readonly accounts: Accounts
  readonly audit: Audit
  readonly budgets: Pick<Budgets, 'rulesFor'>
  readonly catalog: Catalog
  /** Units of credits a customer has grants in. */
  readonly creditUnits: (customer: Customer, db: Db) => Promise<ReadonlySet<string>>
  readonly creditSpending: CreditSpending
  readonly metering: Metering
  readonly quotas: Pick<QuotaAuthority, 'debit'>
  readonly readings: Readings
  readonly subscriptions: Subscriptions
}

export type Ingest = ReturnType<typeof createIngest>

const KEEP_REJECTS_MS = 30 * DAY_MS
interface TakenBack {
  readonly source: string
  readonly id: string
  readonly reason: string
  readonly state: 'voided' | 'replaced'
  /** The id of the event in its place. */
  readonly by?: string
}

export function createIngest(deps: IngestDeps) {
  const { database, clock, accounts, audit, budgets, catalog, creditUnits, metering } = deps
  const { quotas, readings, subscriptions } = deps
  const creditBurns = createCreditBurns(deps)

  async function holderOf(
    customer: Customer,
    subscription: Subscription,
    db: Db = database.db,
  ): Promise<Holder> {
    const { mode, phaseKey, billingAnchor } = subscription
    const { definition } = await catalog.soldTo(subscription, db)
    const phase = definition.phases.find(({ key }) => key === phaseKey)
    const features = await catalog.features(mode, db)
    const grants =
      phase === undefined
        ? null
        : grantsOf(phase, definition, subscription, features, customer.timeZone)
    const billing = billingRule(definition, billingAnchor, customer.timeZone)
    const windows = grants?.quotas.map(({ window }) => window) ?? []
    return {
      customer,
      subscription,
      grants,
      creditUnits: await creditUnits(customer, db),
      budgets: await budgets.rulesFor(customer, null, subscription, db),
      bucketRules: [billing, ...windows],
    }
  }

  const newLookups = (mode: Mode): Lookups =>
    createLookups(mode, { accounts, subscriptions, holderOf })

  async function place(
    event: UsageEvent,
    meters: readonly Meter[],
    lookups: Lookups,
    isBackfill: boolean,
  ): Promise<Placed | EventResult> {
    const customer = await lookups.customer(event)
    if (customer === undefined) {
      const named = event.subscriptionId === null ? 'subject' : 'subscription'
      return rejected('customer_unknown', `${named} names no customer of this mode`)
    }
    const now = accounts.now(customer)
    const at = event.time ?? timeInId(event.id) ?? now
    const refusal = refuseTime(at, now, isBackfill)
    if (refusal !== undefined) return refusal
    const holder = await lookups.holder(customer, event, at)
    if (holder === undefined) {
      return rejected('no_subscription_then', 'the customer had no such subscription at that time')
    }
    const measurements = measure(event, meters)
    return 'state' in measurements ? measurements : { event, at, holder, measurements }
  }

  /** All of a batch in one transaction; events that are known already drop out. */
  async function count(
    tx: Db,
    mode: Mode,
    placed: readonly Placed[],
  ): Promise<Map<Placed, EventResult>> {
    const results = new Map<Placed, EventResult>()
    const fresh: Placed[] = []
    await lock(tx, mode, creditBurns.payers(placed))
    // In one order, so that two batches with the same events wait for each other instead of dying of deadlock.
    for (const entry of placed.toSorted(byIdentity)) {
      const isUnmatched = entry.measurements.length === 0
      const state = isUnmatched ? 'unmatched' : 'counted'
      const isNew = await store.claim(tx, toStored(mode, entry, state, clock.now()))
      results.set(entry, { state: isNew ? state : 'duplicate' })
      if (isNew) fresh.push(entry)
    }
    await book(
      tx,
      mode,
      fresh.flatMap((entry) => entriesOf(mode, entry)),
      1n,
    )
    await creditBurns.burn(tx, fresh)
    return results
  }

  /** Readings, sums and quotas of what happened; taken back with the sign reversed. */
  async function book(
    tx: Db,
    mode: Mode,
    entries: readonly Entry[],
    sign: 1n | -1n,
  ): Promise<void> {
    if (sign === 1n)
      await readings.record(
        tx,
        entries.map(({ reading }) => reading),
      )
    const sums = entries.filter(({ isSummed }) => isSummed)
    await metering.addIn(
      tx,
      sums.map(({ reading, value }) => toDelta(mode, reading, value, sign)),
    )
    await quotas.debit(
      tx,
      sumUp(sums.flatMap(({ spendings }) => spendings)).map((spending) => ({
        ...spending,
        units: sign === 1n ? spending.units : subtract(ZERO, spending.units),
      })),
    )
  }

  async function undo(caller: Caller, event: StoredEvent, tx: Db): Promise<void> {
    const { mode, source, id } = event
    const taken = await readings.takeOfEvent(tx, mode, source, id)
    const meters = new Map((await catalog.meters(mode, tx)).map((meter) => [meter.key, meter]))
    const customer = await accounts.get(caller.mode, event.customerId, tx)
    const entries = await Promise.all(
      taken.map(async (reading): Promise<Entry & { readonly holder: Holder }> => {
        const meter = meters.get(reading.meterKey)
        const subscription = await subscriptions.get(mode, reading.subscriptionId, tx)
        const holder = await holderOf(customer, subscription, tx)
        const value = valueIn(meter, decimal(reading.value))
        return {
          reading,
          value,
          isSummed: isSummed(meter),
          spendings: spendingsOf(holder, reading.meterKey, event.at, value),
          holder,
        }
      }),
    )
    await book(tx, mode, entries, -1n)
    await creditBurns.giveBack(tx, customer, event.at, entries)
  }

  /** Before anything else is locked; in one order, so that two batches wait for each other. */
  async function lock(tx: Db, mode: Mode, customerIds: Iterable<string>): Promise<void> {
    for (const id of [...new Set(customerIds)].toSorted()) await accounts.lock(tx, mode, id)
  }

  async function takeBack(
    tx: Db,
    caller: Caller,
    { source, id, reason, state, by }: TakenBack,
  ): Promise<StoredEvent> {
    const event = await store.lockEvent(tx, caller.mode, source, id)
    if (event === undefined) throw notFound('event')
    if (event.state === 'voided' || event.state === 'replaced') {
      throw new AppError('event_is_voided', {})
    }
    await undo(caller, event, tx)
    await store.setState(tx, event, state)
    await audit.record(tx, caller, {
      action: `usage_event.${state}`,
      targetKind: 'usage_event',
      targetId: `${source} ${id}`,
      customerId: event.customerId,
      before: { state: event.state },
      after: { state, reason, ...(by !== undefined && { by }) },
    })
    return { ...event, state }
  }

  async function getEvent(mode: Mode, source: string, id: string): Promise<StoredEvent> {
    const event = await store.findEvent(database.db, mode, source, id)
    if (event === undefined) throw notFound('event')
    return event
  }

  return {
    /** Counts what can be counted, and says of each event what became of it, in their order. */
    async take(
      mode: Mode,
      events: readonly (UsageEvent | EventResult)[],
      payloads: readonly unknown[],
      isBackfill: boolean,
    ): Promise<EventResult[]> {
      const meters = await catalog.meters(mode)
      const lookups = newLookups(mode)
      const placed: (Placed | EventResult)[] = []
      for (const event of events) {
        placed.push('state' in event ? event : await place(event, meters, lookups, isBackfill))
      }
      const countable = placed.filter((entry) => 'event' in entry)
      const counted = await database.transaction((tx) => count(tx, mode, countable))
      const results = placed.map((entry) =>
        'event' in entry ? (counted.get(entry) ?? { state: 'duplicate' as const }) : entry,
      )
      for (const [index, result] of results.entries()) {
        if (result.state !== 'rejected') continue
        await store.insertReject(database.db, mode, {
          id: newId('reject', clock.now()),
          reason: `${result.code}: ${result.message}`,
          payload: toStorable(payloads[index] ?? null),
          receivedAt: clock.now(),
        })
      }
      return results
    },

    /** Takes back what an event gave, and gives back what it was paid with. Billed usage is corrected by the next invoice. */
    async void(caller: Caller, source: string, id: string, reason: string): Promise<StoredEvent> {
      const { mode } = caller
      const { customerId } = await getEvent(mode, source, id)
      return database.transaction(async (tx) => {
        await lock(tx, mode, [customerId])
        return takeBack(tx, caller, { source, id, reason, state: 'voided' })
      })
    },

    /** Puts another event in the place of one, both or neither; however old they are, as with a backfill. */
    async replace(
      caller: Caller,
      source: string,
      id: string,
      by: UsageEvent,
      reason: string,
    ): Promise<StoredEvent> {
      const { mode } = caller
      const placed = await place(by, await catalog.meters(mode), newLookups(mode), true)
      if ('state' in placed) throw refusedReplacement(placed)
      const { customerId } = await getEvent(mode, source, id)
      return database.transaction(async (tx) => {
        await lock(tx, mode, [customerId, placed.holder.customer.id])
        await takeBack(tx, caller, { source, id, reason, state: 'replaced', by: by.id })
        const result = (await count(tx, mode, [placed])).get(placed)
        const state = result?.state
        if (state !== 'counted' && state !== 'unmatched') {
          const message = 'names an event that is known already'
          throw invalidRequest([{ path: 'by.id', message }])
        }
        return toStored(mode, placed, state, clock.now())
      })
    },

    list: (mode: Mode, filter: store.EventFilter, page: PageRequest): Promise<Page<StoredEvent>> =>
      store.listEvents(database.db, mode, filter, page),

    rejects: (mode: Mode, page: PageRequest): Promise<Page<RejectedEvent>> =>
      store.listRejects(database.db, mode, page),

    prune: () => store.deleteRejects(database.db, clock.now() - KEEP_REJECTS_MS),
  }
}

function refusedReplacement(result: EventResult): AppError {
  const message =
    result.state === 'rejected' ? `${result.code}: ${result.message}` : `is ${result.state}`
  return invalidRequest([{ path: 'by', message }])
}

function toStored(
  mode: Mode,
  { event, at, holder }: Placed,
  state: 'counted' | 'unmatched',
  receivedAt: Instant,
): StoredEvent {
  const { source, id, type, data } = event
  const { customer, subscription } = holder
  return {
    mode,
    source,
    id,
    type,
    at,
    receivedAt,
    customerId: customer.id,
    subscriptionId: subscription.id,
    data,
    state,
  }
}

function byIdentity(a: Placed, b: Placed): number {
  const [one, other] = [`${a.event.source} ${a.event.id}`, `${b.event.source} ${b.event.id}`]
  return one < other ? -1 : one > other ? 1 : 0
}

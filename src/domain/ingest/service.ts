import { AppError, notFound } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { add, type Decimal, decimal, multiply, ONE, subtract, ZERO } from '../../kit/decimal.ts'
import { newId } from '../../kit/id.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import { type BudgetRule, budgetQuotaKey, budgetWindowAt } from '../budgets/budget.ts'
import type { Budgets } from '../budgets/service.ts'
import { billingRule } from '../billing/billing-rule.ts'
import type { Meter } from '../catalog/meter.ts'
import type { Catalog } from '../catalog/service.ts'
import { type Grants, grantsOf, type WindowRule, windowAt } from '../entitlements/grants.ts'
import type { QuotaAuthority } from '../entitlements/quota-authority.service.ts'
import { quotaKeyOf, type Spending } from '../entitlements/quota.ts'
import type { Readings } from '../metering/readings/readings.service.ts'
import type { StoredReading } from '../metering/readings/reading.ts'
import type { Metering } from '../metering/service.ts'
import { bucketOf, type UsageDelta } from '../metering/usage.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { effectiveEnd, type Subscription } from '../subscriptions/subscription.ts'
import { type Measurement, measure } from './measure.ts'
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
  readonly metering: Metering
  readonly quotas: Pick<QuotaAuthority, 'debit'>
  readonly readings: Readings
  readonly subscriptions: Subscriptions
}

export type Ingest = ReturnType<typeof createIngest>

const KEEP_REJECTS_MS = 30 * DAY_MS
const SUBSCRIPTIONS_LOOKED_AT = 100
/** Usage from elsewhere belongs to no route. */
const EVENTS_ROUTE = 'events'

/** An event with everything it needs to be counted. */
interface Placed {
  readonly event: UsageEvent
  readonly at: Instant
  readonly holder: Holder
  readonly measurements: readonly Measurement[]
}

/** Whose usage it is, and how that is divided into periods. */
interface Holder {
  readonly customer: Customer
  readonly subscription: Subscription
  readonly grants: Grants | null
  /** Of the customer; events belong to no key. */
  readonly budgets: readonly BudgetRule[]
  readonly bucketRules: readonly WindowRule[]
}

export function createIngest(deps: IngestDeps) {
  const { database, clock, accounts, audit, budgets, catalog, metering } = deps
  const { quotas, readings, subscriptions } = deps

  /** Remembers within one batch, whose events are often of few customers. */
  function createLookups(mode: Mode) {
    const customers = new Map<string, Promise<Customer | undefined>>()
    const histories = new Map<string, Promise<readonly Subscription[]>>()
    const holders = new Map<string, Promise<Holder>>()
    return {
      async customer({ subject, subscriptionId }: UsageEvent): Promise<Customer | undefined> {
        const name = subscriptionId ?? subject ?? ''
        return once(customers, `${subscriptionId === null} ${name}`, async () => {
          if (subscriptionId === null) return accounts.findByIdOrKey(mode, name)
          const subscription = await subscriptions.find(mode, subscriptionId)
          return subscription && accounts.find(mode, subscription.customerId)
        })
      },
      async holder(
        customer: Customer,
        { subscriptionId }: UsageEvent,
        at: Instant,
      ): Promise<Holder | undefined> {
        const history = await once(histories, customer.id, async () => {
          const filter = { customerId: customer.id }
          const page = await subscriptions.list(mode, filter, { limit: SUBSCRIPTIONS_LOOKED_AT })
          return page.data
        })
        const subscription = history.find(
          (candidate) =>
            (subscriptionId === null || candidate.id === subscriptionId) && isThen(candidate, at),
        )
        if (subscription === undefined) return undefined
        return once(holders, subscription.id, () => holderOf(customer, subscription))
      },
    }
  }

  async function holderOf(
    customer: Customer,
    subscription: Subscription,
    db: Db = database.db,
  ): Promise<Holder> {
    const { mode, phaseKey, billingAnchor } = subscription
    const { definition } = await catalog.getVersion(mode, subscription.planVersionId, db)
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
      budgets: await budgets.rulesFor(customer, null, subscription, db),
      bucketRules: [billing, ...windows],
    }
  }

  async function place(
    event: UsageEvent,
    meters: readonly Meter[],
    lookups: ReturnType<typeof createLookups>,
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
  async function count(mode: Mode, placed: readonly Placed[]): Promise<Map<Placed, EventResult>> {
    return database.transaction(async (tx) => {
      const results = new Map<Placed, EventResult>()
      const fresh: Placed[] = []
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
      return results
    })
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
      taken.map(async (reading): Promise<Entry> => {
        const meter = meters.get(reading.meterKey)
        const subscription = await subscriptions.get(mode, reading.subscriptionId, tx)
        const holder = await holderOf(customer, subscription, tx)
        const value = valueIn(meter, decimal(reading.value))
        return {
          reading,
          value,
          isSummed: isSummed(meter),
          spendings: spendingsOf(holder, reading.meterKey, event.at, value),
        }
      }),
    )
    await book(tx, mode, entries, -1n)
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
      const lookups = createLookups(mode)
      const placed: (Placed | EventResult)[] = []
      for (const event of events) {
        placed.push('state' in event ? event : await place(event, meters, lookups, isBackfill))
      }
      const counted = await count(
        mode,
        placed.filter((entry) => 'event' in entry),
      )
      const results = placed.map((entry) =>
        'event' in entry ? (counted.get(entry) ?? { state: 'duplicate' as const }) : entry,
      )
      for (const [index, result] of results.entries()) {
        if (result.state !== 'rejected') continue
        await store.insertReject(database.db, mode, {
          id: newId('reject', clock.now()),
          reason: `${result.code}: ${result.message}`,
          payload: payloads[index] ?? null,
          receivedAt: clock.now(),
        })
      }
      return results
    },

    /** Takes back what an event gave. Billed usage is corrected by the next invoice. */
    async void(caller: Caller, source: string, id: string, reason: string): Promise<StoredEvent> {
      return database.transaction(async (tx) => {
        const event = await store.lockEvent(tx, caller.mode, source, id)
        if (event === undefined) throw notFound('event')
        if (event.state === 'voided') throw new AppError('event_is_voided', {})
        await undo(caller, event, tx)
        await store.setState(tx, event, 'voided')
        await audit.record(tx, caller, {
          action: 'usage_event.voided',
          targetKind: 'usage_event',
          targetId: `${source} ${id}`,
          customerId: event.customerId,
          before: { state: event.state },
          after: { state: 'voided', reason },
        })
        return { ...event, state: 'voided' }
      })
    },

    list: (mode: Mode, filter: store.EventFilter, page: PageRequest): Promise<Page<StoredEvent>> =>
      store.listEvents(database.db, mode, filter, page),

    rejects: (mode: Mode, page: PageRequest): Promise<Page<RejectedEvent>> =>
      store.listRejects(database.db, mode, page),

    prune: () => store.deleteRejects(database.db, clock.now() - KEEP_REJECTS_MS),
  }
}

/** What an event does to one meter. */
interface Entry {
  readonly reading: StoredReading
  /** What the sums get; a count gets one. */
  readonly value: Decimal
  /** Sums are kept by the hour; other aggregations are read from the readings. */
  readonly isSummed: boolean
  readonly spendings: readonly Spending[]
}

function entriesOf(mode: Mode, { event, at, holder, measurements }: Placed): Entry[] {
  const { customer, subscription } = holder
  return measurements.map(({ meter, value, text, dimension }) => ({
    reading: {
      mode,
      subscriptionId: subscription.id,
      customerId: customer.id,
      meterKey: meter.key,
      at,
      bucketAt: bucketFor(holder, at),
      source: event.source,
      eventId: event.id,
      apiKeyId: '',
      dimension,
      value,
      text,
    },
    value: valueIn(meter, value),
    isSummed: isSummed(meter),
    spendings: spendingsOf(holder, meter.key, at, valueIn(meter, value)),
  }))
}

function isSummed(meter: Meter | undefined): boolean {
  return meter?.aggregation === 'sum' || meter?.aggregation === 'count'
}

function valueIn(meter: Meter | undefined, value: Decimal): Decimal {
  return meter?.aggregation === 'count' ? decimal(1) : value
}

function spendingsOf(
  { grants, budgets, subscription: { mode, id } }: Holder,
  meterKey: string,
  at: Instant,
  units: Decimal,
): Spending[] {
  const ofPlan = (grants?.quotas ?? [])
    .filter((rule) => rule.meterKey === meterKey && rule.limit !== null)
    .map((rule) => ({
      mode,
      subscriptionId: id,
      quotaKey: quotaKeyOf(rule),
      window: windowAt(rule.window, at),
      units,
    }))
  const own = budgets.flatMap((rule): Spending[] => {
    const worth = rule.worth[meterKey]
    if (worth === undefined) return []
    return [
      {
        mode,
        subscriptionId: rule.customerId,
        quotaKey: budgetQuotaKey(rule.id),
        window: budgetWindowAt(rule, at),
        units: (multiply(units, worth) / ONE) as Decimal,
      },
    ]
  })
  return [...ofPlan, ...own]
}

/** The bucket of an event: it lies in one window of each budget, too. */
function bucketFor({ bucketRules, budgets }: Holder, at: Instant): Instant {
  const starts = budgets.map((rule) => budgetWindowAt(rule, at).startsAt)
  return Math.max(bucketOf(at, bucketRules), ...starts)
}

function sumUp(spendings: readonly Spending[]): Spending[] {
  const sums = new Map<string, Spending>()
  for (const spending of spendings) {
    const { subscriptionId, quotaKey, window } = spending
    const id = `${subscriptionId} ${quotaKey} ${window.startsAt}`
    sums.set(id, { ...spending, units: add(sums.get(id)?.units ?? ZERO, spending.units) })
  }
  return [...sums.values()]
}

function toDelta(mode: Mode, reading: StoredReading, value: Decimal, sign: 1n | -1n): UsageDelta {
  const { subscriptionId, customerId, meterKey, bucketAt, apiKeyId, dimension } = reading
  return {
    mode,
    subscriptionId,
    customerId,
    meterKey,
    bucketAt,
    apiKeyId,
    routeKey: EVENTS_ROUTE,
    dimension,
    eventCount: Number(sign),
    value: sign === 1n ? value : subtract(ZERO, value),
  }
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

function isThen(subscription: Subscription, at: Instant): boolean {
  const { activatedAt, startsAt } = subscription
  const end = effectiveEnd(subscription)
  return activatedAt !== null && startsAt <= at && (end === null || at < end)
}

function byIdentity(a: Placed, b: Placed): number {
  const [one, other] = [`${a.event.source} ${a.event.id}`, `${b.event.source} ${b.event.id}`]
  return one < other ? -1 : one > other ? 1 : 0
}

function once<T>(known: Map<string, Promise<T>>, id: string, load: () => Promise<T>): Promise<T> {
  const loading = known.get(id) ?? load()
  known.set(id, loading)
  return loading
}

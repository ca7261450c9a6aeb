import { add, type Decimal, decimal, multiply, ONE, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Customer } from '../accounts/customer.ts'
import { type BudgetRule, budgetQuotaKey, budgetWindowAt } from '../budgets/budget.ts'
import type { Meter } from '../catalog/meter.ts'
import { type Grants, type WindowRule, windowAt } from '../entitlements/grants.ts'
import { quotaKeyOf, type Spending } from '../entitlements/quota.ts'
import type { StoredReading } from '../metering/readings/reading.ts'
import { bucketOf, type UsageDelta } from '../metering/usage.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Measurement } from './measure.ts'
import type { UsageEvent } from './usage-event.ts'

/** What an event does to readings, sums, quotas and budgets; taking it back does the opposite. */

/** Usage from elsewhere belongs to no route. */
const EVENTS_ROUTE = 'events'

/** An event with everything it needs to be counted. */
export interface Placed {
  readonly event: UsageEvent
  readonly at: Instant
  readonly holder: Holder
  readonly measurements: readonly Measurement[]
}

/** Whose usage it is, and how that is divided into periods. */
export interface Holder {
  readonly customer: Customer
  readonly subscription: Subscription
  readonly grants: Grants | null
  /** Units of credits there are grants in. */
  readonly creditUnits: ReadonlySet<string>
  /** Of the customer; events belong to no key. */
  readonly budgets: readonly BudgetRule[]
  readonly bucketRules: readonly WindowRule[]
}

/** What an event does to one meter. */
export interface Entry {
  readonly reading: StoredReading
  /** What the sums get; a count gets one. */
  readonly value: Decimal
  /** Sums are kept by the hour; other aggregations are read from the readings. */
  readonly isSummed: boolean
  readonly spendings: readonly Spending[]
}

export function entriesOf(mode: Mode, { event, at, holder, measurements }: Placed): Entry[] {
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

export function isSummed(meter: Meter | undefined): boolean {
  return meter?.aggregation === 'sum' || meter?.aggregation === 'count'
}

export function valueIn(meter: Meter | undefined, value: Decimal): Decimal {
  return meter?.aggregation === 'count' ? decimal(1) : value
}

export function spendingsOf(
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

export function sumUp(spendings: readonly Spending[]): Spending[] {
  const sums = new Map<string, Spending>()
  for (const spending of spendings) {
    const { subscriptionId, quotaKey, window } = spending
    const id = `${subscriptionId} ${quotaKey} ${window.startsAt}`
    sums.set(id, { ...spending, units: add(sums.get(id)?.units ?? ZERO, spending.units) })
  }
  return [...sums.values()]
}

export function toDelta(
  mode: Mode,
  reading: StoredReading,
  value: Decimal,
  sign: 1n | -1n,
): UsageDelta {
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

import type { Clock } from '../../kit/clock.ts'
import { type Decimal, decimal } from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import { type BilledRequest, claimBilling } from '../../platform/idempotency.ts'
import { planReport, type ReportPlan } from './report.ts'
import * as store from './store.ts'
import type { UsageDelta, UsagePoint } from './usage.ts'

/** What a call under an `Idempotency-Key` used. */
export interface OnceCall extends BilledRequest {
  readonly delta: UsageDelta
}

export interface BatchOutcome {
  /** False when it had been counted before. */
  readonly isNew: boolean
  /** The requests that count, of those that came under a key. */
  readonly counting: ReadonlySet<string>
}

export type Metering = ReturnType<typeof createMetering>

export function createMetering({ database, clock }: { database: Database; clock: Clock }) {
  return {
    /**
     * Counts one sealed batch of a producer. Sequence numbers rise; a batch that was counted before adds nothing. Safe to
     * repeat until it answers, and answers the same. Of the calls under one `Idempotency-Key` the first counts.
     */
    async applyBatch(
      producerId: string,
      sequence: number,
      deltas: readonly UsageDelta[],
      calls: readonly OnceCall[] = [],
    ): Promise<BatchOutcome> {
      const apply = (db: Db, all: readonly UsageDelta[]): Promise<boolean> =>
        store.applyBatch(db, producerId, sequence, all, clock.now())
      if (calls.length === 0) {
        return { isNew: await apply(database.db, deltas), counting: new Set() }
      }
      return database.transaction(async (tx) => {
        const counting = await claimBilling(tx, calls)
        const own = calls.filter(({ requestId }) => counting.has(requestId))
        const isNew = await apply(tx, [...deltas, ...own.map(({ delta }) => delta)])
        return { isNew, counting }
      })
    },

    /** Adds to the sums in a transaction that makes sure by other means that it happens once. */
    addIn: (tx: Db, deltas: readonly UsageDelta[]): Promise<void> =>
      store.add(tx, deltas, clock.now()),

    lastSequence: (producerId: string) => store.lastSequence(database.db, producerId),

    async total(
      mode: Mode,
      subscriptionId: string,
      meterKey: string,
      period: Period,
      db: Db = database.db,
    ): Promise<Decimal> {
      return decimal(await store.totalOf(db, mode, subscriptionId, meterKey, period))
    },

    totalsBy: (
      of: { readonly mode: Mode; readonly subscriptionId: string; readonly meterKey: string },
      period: Period,
      dimensions: readonly string[],
      source: 'counted' | 'reported',
      db: Db = database.db,
    ) => store.totalsBy(db, of, period, dimensions, source),

    customerTotal: (mode: Mode, customerId: string, meterKey: string, period: Period) =>
      store.totalOfCustomer(database.db, mode, { customerId, apiKeyId: null }, meterKey, period),

    /** The same as a number to count with, of a customer or one of its keys. */
    async totalOfOwner(
      mode: Mode,
      owner: store.UsageOwner,
      meterKey: string,
      period: Period,
    ): Promise<Decimal> {
      return decimal(await store.totalOfCustomer(database.db, mode, owner, meterKey, period))
    },

    unreported: (mode: Mode, limit: number) => store.listUnreported(database.db, mode, limit),

    /** Marks what is not reported yet as reported and says how much it is; the caller writes the report beside it. */
    async takeUnreported(
      tx: Db,
      mode: Mode,
      subscriptionId: string,
      meterKey: string,
      period: Period,
    ): Promise<ReportPlan | undefined> {
      const buckets = await store.lockUnreported(tx, mode, subscriptionId, meterKey, period)
      const plan = planReport(buckets)
      if (plan !== undefined)
        await store.setReported(tx, mode, subscriptionId, meterKey, plan.buckets)
      return plan
    },

    series: (query: store.SeriesQuery): Promise<UsagePoint[]> => store.series(database.db, query),
    breakdown: (query: Parameters<typeof store.breakdown>[1]) =>
      store.breakdown(database.db, query),
  }
}

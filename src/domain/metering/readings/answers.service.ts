import { assertNever } from '../../../kit/assert.ts'
import { add, type Decimal, decimal, divideRounded, ZERO } from '../../../kit/decimal.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { UsageQuantity, UsageQuery } from '../../billing/usage-reading.ts'
import type { Meter } from '../../catalog/meter.ts'
import { formatDimension, parseDimension, pickDimensions } from '../dimension.ts'
import type { Metering } from '../service.ts'
import * as store from './store.ts'

/** Whose usage of what is asked for. */
export interface Measured {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly meter: Pick<Meter, 'key' | 'aggregation'>
}

/** What was counted, or what of it Stripe has been told. */
export type UsageSource = 'counted' | 'reported'

export type UsageAnswers = ReturnType<typeof createUsageAnswers>

/** Answers the rater's questions: any aggregation, over any stretch of time, by any of the meter's dimensions. */
export function createUsageAnswers({
  database,
  metering,
}: {
  readonly database: Database
  readonly metering: Metering
}) {
  return {
    async answer(
      measured: Measured,
      query: UsageQuery,
      source: UsageSource = 'counted',
      db: Db = database.db,
    ): Promise<UsageQuantity[]> {
      const { mode, subscriptionId, meter } = measured
      const scope = { mode, subscriptionId, meterKey: meter.key }
      const { dimensions } = query
      switch (meter.aggregation) {
        case 'count':
        case 'sum': {
          const rows = await metering.totalsBy(scope, query, dimensions, source, db)
          const values = query.needsEventValues ? await valuesOf(db, scope, query) : []
          return rows.map((row) => ({ ...toQuantity(row), eventValues: values }))
        }
        case 'max':
          return (await store.largest(db, scope, query, dimensions)).map(toQuantity)
        case 'unique':
          return (await store.countUnique(db, scope, query, dimensions)).map(toQuantity)
        case 'latest':
        case 'time_weighted_sum':
          return levelsBy(meter.aggregation, await store.levels(db, scope, query), query)
        default:
          return assertNever(meter.aggregation)
      }
    },
  }
}

async function valuesOf(
  db: Db,
  scope: store.ReadingScope,
  query: UsageQuery,
): Promise<UsageQuantity['eventValues']> {
  const rows = await store.eventValues(db, scope, query)
  return rows.map(({ value, count }) => ({ value: decimal(value), count }))
}

function toQuantity({ dimensions, total, eventCount }: store.AggregateRow): UsageQuantity {
  return { dimensions, quantity: decimal(total), eventCount, eventValues: [] }
}

/** A level without asking for dimensions is the sum of those of all combinations: the disks of a customer add up. */
function levelsBy(
  aggregation: 'latest' | 'time_weighted_sum',
  rows: readonly store.LevelRow[],
  { dimensions, weightedOver }: UsageQuery,
): UsageQuantity[] {
  const overMs = BigInt(weightedOver.endsAt - weightedOver.startsAt)
  const groups = new Map<string, UsageQuantity>()
  for (const row of rows) {
    const picked = pickDimensions(parseDimension(row.dimension), dimensions)
    const key = formatDimension(picked)
    const known = groups.get(key)
    const quantity = aggregation === 'latest' ? decimal(row.latest) : averageOf(row.area, overMs)
    groups.set(key, {
      dimensions: picked,
      quantity: add(known?.quantity ?? ZERO, quantity),
      eventCount: (known?.eventCount ?? 0n) + row.eventCount,
      eventValues: [],
    })
  }
  return [...groups.values()]
}

/** `area` is exact; it is divided once. */
function averageOf(area: string, overMs: bigint): Decimal {
  const [whole = '0', fraction = ''] = area.split('.')
  const scaled = BigInt(whole + fraction.padEnd(12, '0').slice(0, 12))
  return divideRounded(scaled, overMs) as Decimal
}

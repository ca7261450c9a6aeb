import { type RawBuilder, sql } from 'kysely'
import { decimal, formatDecimal } from '../../../kit/decimal.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Period } from '../../../kit/period.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { StoredReading } from './reading.ts'

/** Of which meter of which subscription. */
export interface ReadingScope {
  readonly mode: Mode
  readonly subscriptionId: string
  readonly meterKey: string
}

/** The answer for one combination of the dimensions that were asked for. */
export interface AggregateRow {
  readonly dimensions: Readonly<Record<string, string>>
  readonly total: string
  readonly eventCount: bigint
}

export async function insert(tx: Db, readings: readonly StoredReading[]): Promise<void> {
  if (readings.length === 0) return
  await tx
    .insertInto('usageReadings')
    .values(
      readings.map(({ at, bucketAt, value, ...rest }) => ({
        ...rest,
        value: formatDecimal(value),
        at: new Date(at),
        bucketAt: new Date(bucketAt),
      })),
    )
    .execute()
}

/** Takes what an event gave, to undo it. */
export async function takeOfEvent(
  tx: Db,
  mode: Mode,
  source: string,
  eventId: string,
): Promise<StoredReading[]> {
  const rows = await tx
    .deleteFrom('usageReadings')
    .where('mode', '=', mode)
    .where('source', '=', source)
    .where('eventId', '=', eventId)
    .returningAll()
    .execute()
  return rows.map((row) => ({
    ...row,
    at: row.at.getTime(),
    bucketAt: row.bucketAt.getTime(),
    value: decimal(row.value),
  }))
}

export async function largest(
  db: Db,
  scope: ReadingScope,
  period: Period,
  dimensions: readonly string[],
): Promise<AggregateRow[]> {
  return grouped(db, scope, period, dimensions, sql`max(value)`)
}

export async function countUnique(
  db: Db,
  scope: ReadingScope,
  period: Period,
  dimensions: readonly string[],
): Promise<AggregateRow[]> {
  return grouped(db, scope, period, dimensions, sql`count(distinct text)`)
}

/** How often each value occurred, for prices with bounds per event. */
export async function eventValues(
  db: Db,
  { mode, subscriptionId, meterKey }: ReadingScope,
  { startsAt, endsAt }: Period,
): Promise<{ value: string; count: bigint }[]> {
  const { rows } = await sql<{ value: string; count: bigint }>`
    select value, count(*) as count from usage_readings
    where mode = ${mode} and subscription_id = ${subscriptionId} and meter_key = ${meterKey}
      and at >= ${new Date(startsAt)} and at < ${new Date(endsAt)}
    group by value order by value`.execute(db)
  return rows
}

/** A level of one combination of all the meter's dimensions, as it was read, or as it was carried into the period. */
export interface LevelRow {
  readonly dimension: string
  readonly latest: string
  /** Σ level × milliseconds it was held, within the period. */
  readonly area: string
  readonly eventCount: bigint
}

/**
 * Levels belong to the combination of dimensions they were read with: the size of one volume says nothing about
 * another. Each is carried on from its last reading before the period, however long ago. Of two readings of one moment
 * the one with the larger identity is the later, everywhere.
 */
export async function levels(
  db: Db,
  { mode, subscriptionId, meterKey }: ReadingScope,
  { startsAt, endsAt }: Period,
): Promise<LevelRow[]> {
  const [from, to] = [new Date(startsAt), new Date(endsAt)]
  const { rows } = await sql<LevelRow>`
    with carried as (
      select distinct on (dimension) dimension, ${from}::timestamptz as at, '' as identity, value, 0 as counted
      from usage_readings
      where mode = ${mode} and subscription_id = ${subscriptionId} and meter_key = ${meterKey} and at < ${from}
      order by dimension, at desc, source || ' ' || event_id collate "C" desc
    ), known as (
      select * from carried
      union all
      select dimension, at, source || ' ' || event_id, value, 1
      from usage_readings
      where mode = ${mode} and subscription_id = ${subscriptionId} and meter_key = ${meterKey}
        and at >= ${from} and at < ${to}
    ), held as (
      select dimension, value, counted,
        extract(epoch from lead(at, 1, ${to}::timestamptz) over w - at) * 1000 as ms,
        row_number() over (partition by dimension order by at desc, identity collate "C" desc) as age
      from known window w as (partition by dimension order by at, identity collate "C")
    )
    select dimension, max(value) filter (where age = 1) as latest, sum(value * ms) as area,
      sum(counted)::bigint as "eventCount"
    from held group by dimension order by dimension`.execute(db)
  return rows
}

async function grouped(
  db: Db,
  { mode, subscriptionId, meterKey }: ReadingScope,
  { startsAt, endsAt }: Period,
  dimensions: readonly string[],
  aggregate: RawBuilder<unknown>,
): Promise<AggregateRow[]> {
  const { rows } = await sql<AggregateRow>`
    select ${dimensionsOf(dimensions)} as dimensions, ${aggregate} as total, count(*) as "eventCount"
    from usage_readings
    where mode = ${mode} and subscription_id = ${subscriptionId} and meter_key = ${meterKey}
      and at >= ${new Date(startsAt)} and at < ${new Date(endsAt)}
    group by 1 order by 1`.execute(db)
  return rows
}

/** The named ones of the dimensions a row stands for, as JSON; a missing one is empty text. */
function dimensionsOf(names: readonly string[]): RawBuilder<unknown> {
  if (names.length === 0) return sql`'{}'::jsonb`
  const pairs = names.map((name) => {
    return sql`${name}::text, coalesce(nullif(dimension, '')::jsonb ->> ${name}, '')`
  })
  return sql`jsonb_build_object(${sql.join(pairs)})`
}

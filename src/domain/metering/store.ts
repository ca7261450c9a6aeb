import { type RawBuilder, sql } from 'kysely'
import { decimal, formatDecimal } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { ReportPlan, UnreportedBucket } from './report.ts'
import type { UsageDelta, UsageGrain, UsagePoint } from './usage.ts'

/**
 * Adds one batch of a producer, once: the fence and the sums are one statement, so a batch that is sent again, or that
 * was cut off by a crash after the commit, adds nothing. Rows are sorted so that several gateways never deadlock.
 */
export async function applyBatch(
  db: Db,
  producerId: string,
  sequence: number,
  rows: readonly UsageDelta[],
  now: Instant,
): Promise<boolean> {
  const at = new Date(now)
  const { rows: applied } = await sql<{ id: string }>`
    with fence as (
      insert into usage_producers as p (id, last_sequence, started_at, updated_at)
      values (${producerId}, ${sequence}, ${at}, ${at})
      on conflict (id) do update set last_sequence = excluded.last_sequence, updated_at = excluded.updated_at
        where p.last_sequence < excluded.last_sequence
      returning id
    ), added as (
      ${addTo(rows, at, sql`fence, `)}
    )
    select id from fence`.execute(db)
  return applied.length === 1
}

/** Adds to the sums within a transaction of somebody who makes sure that it happens once. */
export async function add(db: Db, rows: readonly UsageDelta[], now: Instant): Promise<void> {
  if (rows.length > 0) await addTo(rows, new Date(now), sql``).execute(db)
}

/** Rows are sorted so that several writers never deadlock. */
function addTo(rows: readonly UsageDelta[], at: Date, source: RawBuilder<unknown>) {
  return sql`
      insert into usage_rollups as r (mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension,
        customer_id, event_count, value, updated_at)
      select mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension, customer_id,
        sum(event_count), sum(value), ${at}
      from ${source}unnest(
        ${rows.map(({ mode }) => mode)}::text[], ${rows.map(({ subscriptionId }) => subscriptionId)}::text[],
        ${rows.map(({ meterKey }) => meterKey)}::text[],
        ${rows.map(({ bucketAt }) => new Date(bucketAt).toISOString())}::timestamptz[],
        ${rows.map(({ apiKeyId }) => apiKeyId)}::text[], ${rows.map(({ routeKey }) => routeKey)}::text[],
        ${rows.map(({ dimension }) => dimension)}::text[], ${rows.map(({ customerId }) => customerId)}::text[],
        ${rows.map(({ eventCount }) => eventCount)}::bigint[],
        ${rows.map(({ value }) => formatDecimal(value))}::numeric[])
        as d (mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension, customer_id, event_count, value)
      group by mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension, customer_id
      order by mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension
      on conflict (mode, subscription_id, meter_key, bucket_at, api_key_id, route_key, dimension) do update
        set event_count = r.event_count + excluded.event_count, value = r.value + excluded.value,
          updated_at = excluded.updated_at`
}

/** The last batch number counted for a producer; 0 for one never heard of. */
export async function lastSequence(db: Db, producerId: string): Promise<number> {
  const row = await db
    .selectFrom('usageProducers')
    .select('lastSequence')
    .where('id', '=', producerId)
    .executeTakeFirst()
  return Number(row?.lastSequence ?? 0n)
}

/** The sum of a meter over a period, as a decimal string. */
export async function totalOf(
  db: Db,
  mode: Mode,
  subscriptionId: string,
  meterKey: string,
  { startsAt, endsAt }: Period,
): Promise<string> {
  const row = await db
    .selectFrom('usageRollups')
    .select(({ fn }) => fn.coalesce(fn.sum<string>('value'), sql<string>`0`).as('total'))
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('meterKey', '=', meterKey)
    .where('bucketAt', '>=', new Date(startsAt))
    .where('bucketAt', '<', new Date(endsAt))
    .executeTakeFirstOrThrow()
  return trimZeros(row.total)
}

/** Sums over a period by some of the meter's dimensions; of what was counted, or of what Stripe has been told. */
export async function totalsBy(
  db: Db,
  of: { readonly mode: Mode; readonly subscriptionId: string; readonly meterKey: string },
  { startsAt, endsAt }: Period,
  dimensions: readonly string[],
  source: 'counted' | 'reported',
): Promise<{ dimensions: Record<string, string>; total: string; eventCount: bigint }[]> {
  const by =
    dimensions.length === 0
      ? sql`'{}'::jsonb`
      : sql`jsonb_build_object(${sql.join(
          dimensions.map(
            (name) => sql`${name}::text, coalesce(nullif(dimension, '')::jsonb ->> ${name}, '')`,
          ),
        )})`
  const value = source === 'counted' ? sql`value` : sql`reported`
  const { rows } = await sql<{
    dimensions: Record<string, string>
    total: string
    eventCount: bigint
  }>`
    select ${by} as dimensions, sum(${value}) as total, sum(event_count)::bigint as "eventCount"
    from usage_rollups
    where mode = ${of.mode} and subscription_id = ${of.subscriptionId} and meter_key = ${of.meterKey}
      and bucket_at >= ${new Date(startsAt)} and bucket_at < ${new Date(endsAt)}
    group by 1 order by 1`.execute(db)
  return rows.map((row) => ({ ...row, total: trimZeros(row.total) }))
}

/** The same over all subscriptions of a customer, or of one of its keys. */
export async function totalOfCustomer(
  db: Db,
  mode: Mode,
  { customerId, apiKeyId }: UsageOwner,
  meterKey: string,
  { startsAt, endsAt }: Period,
): Promise<string> {
  const row = await db
    .selectFrom('usageRollups')
    .$if(apiKeyId !== null, (query) => query.where('apiKeyId', '=', apiKeyId ?? ''))
    .select(({ fn }) => fn.coalesce(fn.sum<string>('value'), sql<string>`0`).as('total'))
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('meterKey', '=', meterKey)
    .where('bucketAt', '>=', new Date(startsAt))
    .where('bucketAt', '<', new Date(endsAt))
    .executeTakeFirstOrThrow()
  return trimZeros(row.total)
}

/** Whose usage: a customer's, or of one of its keys alone. */
export interface UsageOwner {
  readonly customerId: string
  readonly apiKeyId: string | null
}

export interface SeriesQuery {
  readonly mode: Mode
  readonly customerId: string
  readonly meterKey: string
  readonly period: Period
  readonly grain: UsageGrain
  readonly timeZone: string
}

export async function series(db: Db, query: SeriesQuery): Promise<UsagePoint[]> {
  const { mode, customerId, meterKey, period, grain, timeZone } = query
  const { rows } = await sql<{ at: Date; total: string }>`
    select date_trunc(${grain}, bucket_at, ${timeZone}) as at, sum(value) as total
    from usage_rollups
    where mode = ${mode} and customer_id = ${customerId} and meter_key = ${meterKey}
      and bucket_at >= ${new Date(period.startsAt)} and bucket_at < ${new Date(period.endsAt)}
    group by 1 order by 1`.execute(db)
  return rows.map(({ at, total }) => ({ at: at.getTime(), value: trimZeros(total) }))
}

export interface UsageShare {
  readonly id: string
  readonly value: string
}

/** Who or what the usage of a period came from: API keys or routes, largest first. */
export async function breakdown(
  db: Db,
  query: Omit<SeriesQuery, 'grain' | 'timeZone'> & { readonly by: 'apiKeyId' | 'routeKey' },
): Promise<UsageShare[]> {
  const rows = await db
    .selectFrom('usageRollups')
    .select((column) => [column.ref(query.by).as('id'), column.fn.sum<string>('value').as('total')])
    .where('mode', '=', query.mode)
    .where('customerId', '=', query.customerId)
    .where('meterKey', '=', query.meterKey)
    .where('bucketAt', '>=', new Date(query.period.startsAt))
    .where('bucketAt', '<', new Date(query.period.endsAt))
    .groupBy(query.by)
    .orderBy('total', 'desc')
    .limit(100)
    .execute()
  return rows.map(({ id, total }) => ({ id, value: trimZeros(total) }))
}

function trimZeros(numeric: string): string {
  return numeric.includes('.') ? numeric.replace(/\.?0+$/, '') : numeric
}

/** Subscriptions and meters with usage that has not been reported. */
export async function listUnreported(
  db: Db,
  mode: Mode,
  limit: number,
): Promise<{ subscriptionId: string; customerId: string; meterKey: string }[]> {
  return db
    .selectFrom('usageRollups')
    .select(['subscriptionId', 'customerId', 'meterKey'])
    .distinct()
    .where('mode', '=', mode)
    .whereRef('value', '<>', 'reported')
    .limit(limit)
    .execute()
}

/** Locks and reads what of a subscription's meter is not reported, in one period, oldest bucket first. */
export async function lockUnreported(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  meterKey: string,
  { startsAt, endsAt }: Period,
): Promise<UnreportedBucket[]> {
  const rows = await tx
    .selectFrom('usageRollups')
    .select(['bucketAt', 'apiKeyId', 'routeKey', 'dimension', 'value', 'reported'])
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('meterKey', '=', meterKey)
    .where('bucketAt', '>=', new Date(startsAt))
    .where('bucketAt', '<', new Date(endsAt))
    .whereRef('value', '<>', 'reported')
    .orderBy('bucketAt')
    .orderBy('apiKeyId')
    .orderBy('routeKey')
    .orderBy('dimension')
    .forUpdate()
    .execute()
  return rows.map((row) => ({
    ...row,
    bucketAt: row.bucketAt.getTime(),
    value: decimal(row.value),
    reported: decimal(row.reported),
  }))
}

export async function setReported(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  meterKey: string,
  buckets: ReportPlan['buckets'],
): Promise<void> {
  for (const { bucket, reported } of buckets) {
    await tx
      .updateTable('usageRollups')
      .set({ reported: formatDecimal(reported) })
      .where('mode', '=', mode)
      .where('subscriptionId', '=', subscriptionId)
      .where('meterKey', '=', meterKey)
      .where('bucketAt', '=', new Date(bucket.bucketAt))
      .where('apiKeyId', '=', bucket.apiKeyId)
      .where('routeKey', '=', bucket.routeKey)
      .where('dimension', '=', bucket.dimension)
      .execute()
  }
}

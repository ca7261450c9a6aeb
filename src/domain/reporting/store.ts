import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'

/** One message to a Stripe meter. Its value never changes; only its way through the queue does. */
export interface MeterReport {
  readonly mode: Mode
  readonly id: string
  readonly subscriptionId: string
  readonly customerId: string
  readonly meterKey: string
  readonly value: bigint
  readonly at: Instant
  readonly attempts: number
  readonly firstSentAt: Instant | null
}

export async function insert(
  tx: Db,
  report: Omit<MeterReport, 'attempts' | 'firstSentAt'>,
  now: Instant,
): Promise<void> {
  const { mode, subscriptionId, meterKey, at } = report
  const last = await tx
    .selectFrom('meterReports')
    .select(({ fn }) => fn.max('sequence').as('sequence'))
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('meterKey', '=', meterKey)
    .where('bucketAt', '=', new Date(at))
    .executeTakeFirst()
  await tx
    .insertInto('meterReports')
    .values({
      mode,
      id: report.id,
      subscriptionId,
      customerId: report.customerId,
      meterKey,
      bucketAt: new Date(at),
      sequence: (last?.sequence ?? 0) + 1,
      value: report.value,
      at: new Date(at),
      nextAt: new Date(now),
      createdAt: new Date(now),
    })
    .execute()
}

/**
 * Takes due reports under a lease, at most one per customer and meter: Stripe answers concurrent events of one
 * customer's meter with an error.
 */
export async function claim(
  db: Db,
  mode: Mode,
  now: Instant,
  leaseUntil: Instant,
  limit: number,
): Promise<MeterReport[]> {
  const { rows } = await sql<Selectable<Tables['meterReports']>>`
    update meter_reports set attempts = attempts + 1, lease_until = ${new Date(leaseUntil)},
      first_sent_at = coalesce(first_sent_at, ${new Date(now)})
    where (mode, id) in (
      select mode, id from meter_reports r
      where mode = ${mode} and state = 'pending' and next_at <= ${new Date(now)}
        and (lease_until is null or lease_until <= ${new Date(now)})
        and not exists (
          select 1 from meter_reports earlier
          where earlier.mode = r.mode and earlier.customer_id = r.customer_id
            and earlier.meter_key = r.meter_key and earlier.id < r.id and earlier.state = 'pending')
      order by id limit ${limit} for update skip locked
    )
    returning *`.execute(db)
  return rows.map((row) => ({
    mode: row.mode,
    id: row.id,
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    meterKey: row.meterKey,
    value: row.value,
    at: row.at.getTime(),
    attempts: row.attempts,
    firstSentAt: row.firstSentAt?.getTime() ?? null,
  }))
}

export async function settle(
  db: Db,
  report: MeterReport,
  outcome:
    | { readonly state: 'sent'; readonly sentAt: Instant }
    | { readonly state: 'pending'; readonly nextAt: Instant; readonly error: string }
    | { readonly state: 'verify' | 'dead'; readonly error: string },
): Promise<void> {
  await db
    .updateTable('meterReports')
    .set({
      state: outcome.state,
      leaseUntil: null,
      ...('sentAt' in outcome && { sentAt: new Date(outcome.sentAt), error: null }),
      ...('nextAt' in outcome && { nextAt: new Date(outcome.nextAt) }),
      ...('error' in outcome && { error: outcome.error }),
    })
    .where('mode', '=', report.mode)
    .where('id', '=', report.id)
    .where('attempts', '=', report.attempts)
    .execute()
}

/** Whether everything of a subscription has reached Stripe. */
export async function hasPending(db: Db, mode: Mode, subscriptionId: string): Promise<boolean> {
  const row = await db
    .selectFrom('meterReports')
    .select('id')
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .where('state', 'in', ['pending', 'verify'])
    .limit(1)
    .executeTakeFirst()
  return row !== undefined
}

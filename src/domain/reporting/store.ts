import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { ReportedUsage } from './compare-usage.ts'

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
  /** How often this usage was refused before and is sent again. */
  readonly resends: number
}

export async function insert(
  tx: Db,
  report: Omit<MeterReport, 'attempts' | 'firstSentAt'>,
  now: Instant,
  nextAt: Instant = now,
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
      nextAt: new Date(nextAt),
      resends: report.resends,
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
  return rows.map(fromRow)
}

function fromRow(row: Selectable<Tables['meterReports']>): MeterReport {
  return {
    mode: row.mode,
    id: row.id,
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    meterKey: row.meterKey,
    value: row.value,
    at: row.at.getTime(),
    attempts: row.attempts,
    firstSentAt: row.firstSentAt?.getTime() ?? null,
    resends: row.resends,
  }
}

export async function settle(
  db: Db,
  report: MeterReport,
  outcome:
    | { readonly state: 'sent'; readonly sentAt: Instant }
    | { readonly state: 'pending'; readonly nextAt: Instant; readonly error: string }
    | { readonly state: 'verify'; readonly nextAt: Instant; readonly error: string },
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

/** Reports whose arrival has to be looked up, and is due to be. */
export async function dueForVerification(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<MeterReport[]> {
  const rows = await db
    .selectFrom('meterReports')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', '=', 'verify')
    .where('nextAt', '<=', new Date(now))
    .orderBy('id')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/**
 * What of a customer's meter within a time is certain to have arrived. Undefined while some of it is under way, because it may
 * be counted already.
 */
export async function certainTotal(
  db: Db,
  { mode, customerId, meterKey }: MeterReport,
  { startsAt, endsAt }: Period,
): Promise<bigint | undefined> {
  const { rows } = await sql<{ certain: bigint; isUnderWay: boolean }>`
    select coalesce(sum(value) filter (where state = 'sent'), 0)::bigint as certain,
      coalesce(bool_or(state = 'pending' and attempts > 0), false) as is_under_way
    from meter_reports
    where mode = ${mode} and customer_id = ${customerId} and meter_key = ${meterKey}
      and at >= ${new Date(startsAt)} and at < ${new Date(endsAt)}`.execute(db)
  const [row] = rows
  return row === undefined || row.isUnderWay ? undefined : row.certain
}

/** It never arrived: sent again as if for the first time, under the same identifier, which Stripe does not know. */
export async function startOver(db: Db, report: MeterReport, now: Instant): Promise<void> {
  await db
    .updateTable('meterReports')
    .set({ state: 'pending', firstSentAt: null, nextAt: new Date(now), error: null })
    .where('mode', '=', report.mode)
    .where('id', '=', report.id)
    .where('state', '=', 'verify')
    .execute()
}

/** Stripe does not count it after all. Undefined when that is known already, or when the report is none of ours. */
export async function reject(
  tx: Db,
  mode: Mode,
  id: string,
  error: string,
): Promise<MeterReport | undefined> {
  const row = await tx
    .updateTable('meterReports')
    .set({ state: 'rejected', leaseUntil: null, error })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('state', 'in', ['pending', 'sent', 'verify'])
    .returningAll()
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Whether a report is one of ours, whatever became of it. */
export async function exists(db: Db, mode: Mode, id: string): Promise<boolean> {
  const row = await db
    .selectFrom('meterReports')
    .select('id')
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row !== undefined
}

/** Another report has taken its place. */
export async function replaced(tx: Db, { mode, id }: MeterReport, by: string): Promise<void> {
  await tx
    .updateTable('meterReports')
    .set({ state: 'dead', error: `Sent again as ${by}` })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('state', '=', 'rejected')
    .execute()
}

/** What was reported of each meter of a customer within a time, by how far it got. */
export async function totals(
  db: Db,
  mode: Mode,
  customerId: string,
  { startsAt, endsAt }: Period,
  { settledBefore, tooLateBefore }: Record<'settledBefore' | 'tooLateBefore', Instant>,
): Promise<ReportedUsage[]> {
  const { rows } = await sql<ReportedUsage>`
    select meter_key,
      coalesce(sum(value) filter (where is_settled), 0)::bigint as settled,
      coalesce(sum(value) filter (where is_under_way and value > 0), 0)::bigint as unsettled_plus,
      coalesce(sum(value) filter (where is_under_way and value < 0), 0)::bigint as unsettled_minus,
      coalesce(sum(value) filter (where is_refused), 0)::bigint as refused,
      coalesce(bool_or(is_refused and at < ${new Date(tooLateBefore)}), false) as is_too_late
    from (
      select *, state = 'sent' and sent_at < ${new Date(settledBefore)} as is_settled,
        state in ('pending', 'verify') or (state = 'sent' and sent_at >= ${new Date(settledBefore)}) as is_under_way,
        state = 'rejected' or (state = 'pending' and resends > 0) as is_refused
      from meter_reports
      where mode = ${mode} and customer_id = ${customerId}
        and at >= ${new Date(startsAt)} and at < ${new Date(endsAt)}) as r
    group by meter_key order by meter_key`.execute(db)
  return rows
}

/** What Stripe refused of a customer's usage since an instant. */
export async function lockRejected(
  tx: Db,
  mode: Mode,
  customerId: string,
  since: Instant,
  limit: number,
): Promise<MeterReport[]> {
  const rows = await tx
    .selectFrom('meterReports')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('state', '=', 'rejected')
    .where('at', '>=', new Date(since))
    .orderBy('id')
    .limit(limit)
    .forUpdate()
    .execute()
  return rows.map(fromRow)
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

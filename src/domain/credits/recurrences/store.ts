import { sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'

export interface Recurrence {
  readonly subscriptionId: string
  /** By which terms it was judged; others are judged at once. */
  readonly planVersionId: string
  readonly phaseKey: string
  readonly nextAt: Instant
}

export interface DueSubscription {
  readonly subscriptionId: string
  readonly customerId: string
}

/** Subscriptions whose plan gives credits again and again, and where something is due or the terms are others. */
export async function listDue(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<DueSubscription[]> {
  const at = new Date(now)
  const { rows } = await sql<DueSubscription>`
    with giving as materialized (
      select id from plan_versions where mode = ${mode} and (
        jsonb_path_exists(definition, '$.phases[*].rateCards[*].creditGrant ? (@ != null)')
        or jsonb_path_exists(definition, '$.phases[*].rateCards[*].entitlement.rollover ? (@ != null)'))
    )
    select s.id as "subscriptionId", s.customer_id as "customerId" from giving
    join subscriptions s on s.mode = ${mode} and s.plan_version_id = giving.id
    left join credit_recurrences r on r.mode = s.mode and r.subscription_id = s.id
    where s.activated_at is not null and s.closed_at is null and s.paused_at is null and s.overdue_since is null
      and s.starts_at <= ${at} and (s.ends_at is null or s.ends_at > ${at}) and (s.cancel_at is null or s.cancel_at > ${at})
      and (r.subscription_id is null or r.next_at <= ${at}
        or r.plan_version_id <> s.plan_version_id or r.phase_key <> s.phase_key)
    order by r.next_at nulls first, s.id limit ${limit}`.execute(db)
  return rows
}

export async function nextDue(db: Db, mode: Mode, after: Instant): Promise<Instant | undefined> {
  const row = await db
    .selectFrom('creditRecurrences')
    .select((select) => select.fn.min('nextAt').as('at'))
    .where('mode', '=', mode)
    .where('nextAt', '>', new Date(after))
    .executeTakeFirst()
  return row?.at?.getTime()
}

export async function find(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<Recurrence | undefined> {
  const row = await tx
    .selectFrom('creditRecurrences')
    .select(['subscriptionId', 'planVersionId', 'phaseKey', 'nextAt'])
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .executeTakeFirst()
  return row && { ...row, nextAt: row.nextAt.getTime() }
}

export async function save(
  tx: Db,
  mode: Mode,
  { subscriptionId, nextAt, ...rest }: Recurrence,
): Promise<void> {
  const row = { ...rest, nextAt: new Date(nextAt) }
  await tx
    .insertInto('creditRecurrences')
    .values({ mode, subscriptionId, ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'subscriptionId']).doUpdateSet(row))
    .execute()
}

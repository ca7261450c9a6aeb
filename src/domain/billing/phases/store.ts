import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { PhaseSchedule } from './phase-schedule.ts'

export async function find(
  db: Db,
  mode: Mode,
  subscriptionId: string,
): Promise<PhaseSchedule | undefined> {
  const row = await db
    .selectFrom('phaseSchedules')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function save(tx: Db, mode: Mode, schedule: PhaseSchedule): Promise<void> {
  const { subscriptionId, apartUntil, updatedAt, ...rest } = schedule
  const row = {
    ...rest,
    apartUntil: apartUntil === null ? null : new Date(apartUntil),
    updatedAt: new Date(updatedAt),
  }
  await tx
    .insertInto('phaseSchedules')
    .values({ mode, subscriptionId, ...row })
    .onConflict((conflict) => conflict.columns(['mode', 'subscriptionId']).doUpdateSet(row))
    .execute()
}

/**
 * Subscriptions that have changed since it was decided what Stripe charges in their later phases, or for which nobody has
 * decided it yet. A change of plan that is under way has a schedule of its own.
 */
export async function listUndecided(
  db: Db,
  mode: Mode,
  now: Instant,
  limit: number,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with undecided as (
      select s.mode, s.id from phase_schedules p
      join subscriptions s on s.mode = p.mode and s.id = p.subscription_id
      where p.mode = ${mode} and (p.state = 'asking' or p.subscription_version <> s.version)
        and (p.apart_until is null or p.apart_until <= ${new Date(now)})
      union all
      select s.mode, s.id from plan_versions v
      join subscriptions s on s.mode = v.mode and s.plan_version_id = v.id
      where v.mode = ${mode} and jsonb_array_length(v.definition -> 'phases') > 1
        and s.engine = 'stripe_subscription' and s.closed_at is null and s.activated_at is not null
        and s.phase_key <> v.definition #>> '{phases,-1,key}'
        and not exists (select from phase_schedules p where p.mode = s.mode and p.subscription_id = s.id)
    )
    select u.id from undecided u
    where not exists (select from plan_changes c where c.mode = u.mode and c.subscription_id = u.id
      and (c.state in ('executing', 'awaiting_payment') or c.has_loose_ends
        or c.state = 'scheduled' and not (c.starts_by = 'override' and c.stripe_schedule_id is null)))
    order by u.id limit ${limit}`.execute(db)
  return rows.map(({ id }) => id)
}

function fromRow(row: Selectable<Tables['phaseSchedules']>): PhaseSchedule {
  return {
    subscriptionId: row.subscriptionId,
    attemptId: row.attemptId,
    state: row.state,
    stripeScheduleId: row.stripeScheduleId,
    stripePaymentMethodId: row.stripePaymentMethodId,
    hash: row.hash,
    subscriptionVersion: row.subscriptionVersion,
    apartUntil: row.apartUntil?.getTime() ?? null,
    updatedAt: row.updatedAt.getTime(),
  }
}

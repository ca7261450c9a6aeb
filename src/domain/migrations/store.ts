import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Audience, Member, MemberState, Migration } from './migration.ts'

const OPEN = ['waiting', 'scheduled'] as const

/** False when the plan has one running. */
export async function insert(tx: Db, migration: Migration): Promise<boolean> {
  const { audience, createdAt, finishedAt: _, ...rest } = migration
  const result = await tx
    .insertInto('planMigrations')
    .values({ ...rest, audience: JSON.stringify(audience), createdAt: new Date(createdAt) })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst()
  return result.numInsertedOrUpdatedRows === 1n
}

export async function settle(
  tx: Db,
  mode: Mode,
  id: string,
  state: 'finished' | 'canceled',
  now: Instant,
): Promise<boolean> {
  const result = await tx
    .updateTable('planMigrations')
    .set({ state, finishedAt: new Date(now) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('state', '=', 'running')
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function find(db: Db, mode: Mode, id: string): Promise<Migration | undefined> {
  const row = await db
    .selectFrom('planMigrations')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && migrationFromRow(row)
}

export async function list(
  db: Db,
  mode: Mode,
  planKey: string | undefined,
  { limit, cursor }: PageRequest,
): Promise<Page<Migration>> {
  let query = db.selectFrom('planMigrations').selectAll().where('mode', '=', mode)
  if (planKey !== undefined) query = query.where('planKey', '=', planKey)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(migrationFromRow), limit, ({ id }) => id)
}

export async function listRunning(db: Db, mode: Mode): Promise<Migration[]> {
  const rows = await db
    .selectFrom('planMigrations')
    .selectAll()
    .where('mode', '=', mode)
    .where('state', '=', 'running')
    .orderBy('id')
    .execute()
  return rows.map(migrationFromRow)
}

/** Somebody who is in it already stays as they are. */
export async function insertMember(tx: Db, member: Member, now: Instant): Promise<void> {
  const { mode, migrationId, subscriptionId, customerId, fromVersion, state } = member
  await tx
    .insertInto('planMigrationMembers')
    .values({
      mode,
      migrationId,
      subscriptionId,
      customerId,
      fromVersion,
      state,
      updatedAt: new Date(now),
    })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function updateMember(
  tx: Db,
  { mode, migrationId, subscriptionId }: Member,
  change: Partial<Pick<Member, 'state' | 'reason' | 'changeId' | 'noticedAt'>>,
  now: Instant,
): Promise<void> {
  const { noticedAt, ...rest } = change
  await tx
    .updateTable('planMigrationMembers')
    .set({
      ...rest,
      ...(noticedAt !== undefined && {
        noticedAt: noticedAt === null ? null : new Date(noticedAt),
      }),
      updatedAt: new Date(now),
    })
    .where('mode', '=', mode)
    .where('migrationId', '=', migrationId)
    .where('subscriptionId', '=', subscriptionId)
    .execute()
}

export async function findMember(
  db: Db,
  mode: Mode,
  migrationId: string,
  subscriptionId: string,
): Promise<Member | undefined> {
  const row = await db
    .selectFrom('planMigrationMembers')
    .selectAll()
    .where('mode', '=', mode)
    .where('migrationId', '=', migrationId)
    .where('subscriptionId', '=', subscriptionId)
    .executeTakeFirst()
  return row && memberFromRow(row)
}

export async function listOpenMembers(
  db: Db,
  mode: Mode,
  migrationId: string,
  after: string,
  limit: number,
): Promise<Member[]> {
  const rows = await db
    .selectFrom('planMigrationMembers')
    .selectAll()
    .where('mode', '=', mode)
    .where('migrationId', '=', migrationId)
    .where('state', 'in', OPEN)
    .where('subscriptionId', '>', after)
    .orderBy('subscriptionId')
    .limit(limit)
    .execute()
  return rows.map(memberFromRow)
}

export async function listMembers(
  db: Db,
  mode: Mode,
  migrationId: string,
  { limit, cursor }: PageRequest,
): Promise<Page<Member>> {
  let query = db
    .selectFrom('planMigrationMembers')
    .selectAll()
    .where('mode', '=', mode)
    .where('migrationId', '=', migrationId)
  if (cursor !== undefined) query = query.where('subscriptionId', '>', decodeCursor(cursor))
  const rows = await query
    .orderBy('subscriptionId')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(memberFromRow), limit, ({ subscriptionId }) => subscriptionId)
}

export async function countMembers(
  db: Db,
  mode: Mode,
  migrationId: string,
): Promise<ReadonlyMap<MemberState, number>> {
  const rows = await db
    .selectFrom('planMigrationMembers')
    .select(['state', sql<string>`count(*)`.as('count')])
    .where('mode', '=', mode)
    .where('migrationId', '=', migrationId)
    .groupBy('state')
    .execute()
  return new Map(rows.map(({ state, count }) => [state, Number(count)]))
}

/** The first end of a notice after an instant. */
export async function nextNoticeEnd(
  db: Db,
  mode: Mode,
  after: Instant,
): Promise<Instant | undefined> {
  const { rows } = await sql<{ at: Date | null }>`
    select min(m.noticed_at + make_interval(days => g.notice_days)) as at
    from plan_migration_members m
    join plan_migrations g on g.mode = m.mode and g.id = m.migration_id
    where m.mode = ${mode} and m.state = 'waiting' and g.state = 'running'
      and m.noticed_at + make_interval(days => g.notice_days) > ${new Date(after)}`.execute(db)
  return rows[0]?.at?.getTime()
}

function migrationFromRow(row: Selectable<Tables['planMigrations']>): Migration {
  return {
    mode: row.mode,
    id: row.id,
    planKey: row.planKey,
    toVersionId: row.toVersionId,
    timing: row.timing,
    noticeDays: row.noticeDays,
    audience: row.audience as Audience,
    state: row.state,
    requestedBy: row.requestedBy,
    createdAt: row.createdAt.getTime(),
    finishedAt: row.finishedAt?.getTime() ?? null,
  }
}

function memberFromRow(row: Selectable<Tables['planMigrationMembers']>): Member {
  return {
    mode: row.mode,
    migrationId: row.migrationId,
    subscriptionId: row.subscriptionId,
    customerId: row.customerId,
    fromVersion: row.fromVersion,
    state: row.state,
    reason: row.reason,
    changeId: row.changeId,
    noticedAt: row.noticedAt?.getTime() ?? null,
  }
}

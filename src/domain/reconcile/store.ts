import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { ReconcileRun } from './run.ts'

/** Answers false when one runs already: of runs over everything there is one at a time. */
export async function insert(tx: Db, run: ReconcileRun): Promise<boolean> {
  const { counts, startedAt, finishedAt: _, ...row } = run
  const { numAffectedRows } = await sql`
    insert into reconcile_runs (mode, id, cause, customer_id, is_dry_run, state, cursor, counts, error, started_at)
    values (${row.mode}, ${row.id}, ${row.cause}, ${row.customerId}, ${row.isDryRun}, ${row.state}, ${row.cursor},
      ${JSON.stringify(counts)}::jsonb, ${row.error}, ${new Date(startedAt)})
    on conflict do nothing`.execute(tx)
  return numAffectedRows === 1n
}

export async function update(
  db: Db,
  { mode, id, state, cursor, counts, error, finishedAt }: ReconcileRun,
): Promise<void> {
  await db
    .updateTable('reconcileRuns')
    .set({
      state,
      cursor,
      counts: JSON.stringify(counts),
      error,
      finishedAt: finishedAt === null ? null : new Date(finishedAt),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<ReconcileRun | undefined> {
  const row = await select(db, mode).where('id', '=', id).executeTakeFirst()
  return row && fromRow(row)
}

export async function list(
  db: Db,
  mode: Mode,
  { limit, cursor }: PageRequest,
): Promise<Page<ReconcileRun>> {
  let query = select(db, mode)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

/** When the last run over everything began. */
export async function lastStart(db: Db, mode: Mode): Promise<Instant | undefined> {
  const row = await select(db, mode)
    .where('customerId', 'is', null)
    .where('isDryRun', '=', false)
    .orderBy('startedAt', 'desc')
    .limit(1)
    .executeTakeFirst()
  return row?.startedAt.getTime()
}

function select(db: Db, mode: Mode) {
  return db.selectFrom('reconcileRuns').selectAll().where('mode', '=', mode)
}

function fromRow(row: Selectable<Tables['reconcileRuns']>): ReconcileRun {
  return {
    mode: row.mode,
    id: row.id,
    cause: row.cause,
    customerId: row.customerId,
    isDryRun: row.isDryRun,
    state: row.state,
    cursor: row.cursor,
    counts: row.counts as ReconcileRun['counts'],
    error: row.error,
    startedAt: row.startedAt.getTime(),
    finishedAt: row.finishedAt?.getTime() ?? null,
  }
}

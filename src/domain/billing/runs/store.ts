import type { Selectable } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../../kit/page.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { BillingRun, RunFailure } from './billing-run.ts'

export async function insert(tx: Db, mode: Mode, run: BillingRun): Promise<void> {
  await tx
    .insertInto('billingRuns')
    .values({
      mode,
      ...toRow(run),
      id: run.id,
      requestedBy: run.requestedBy,
      until: new Date(run.until),
      total: run.total,
      createdAt: new Date(run.createdAt),
      updatedAt: new Date(run.createdAt),
    })
    .execute()
}

export async function update(db: Db, mode: Mode, run: BillingRun, now: Instant): Promise<void> {
  await db
    .updateTable('billingRuns')
    .set({ ...toRow(run), updatedAt: new Date(now) })
    .where('mode', '=', mode)
    .where('id', '=', run.id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<BillingRun | undefined> {
  const row = await db
    .selectFrom('billingRuns')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function list(
  db: Db,
  mode: Mode,
  { limit, cursor }: PageRequest,
): Promise<Page<BillingRun>> {
  let query = db.selectFrom('billingRuns').selectAll().where('mode', '=', mode)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

function toRow({ state, closed, failed, failures, finishedAt }: BillingRun) {
  return {
    state,
    closed,
    failed,
    failures: JSON.stringify(failures),
    finishedAt: finishedAt === null ? null : new Date(finishedAt),
  }
}

function fromRow(row: Selectable<Tables['billingRuns']>): BillingRun {
  return {
    id: row.id,
    state: row.state,
    until: row.until.getTime(),
    requestedBy: row.requestedBy,
    total: row.total,
    closed: row.closed,
    failed: row.failed,
    failures: row.failures as RunFailure[],
    createdAt: row.createdAt.getTime(),
    finishedAt: row.finishedAt?.getTime() ?? null,
  }
}

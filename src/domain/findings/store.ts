import { type Selectable, sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Finding, FindingCategory, FindingInput, FindingState } from './finding.ts'

/**
 * Found again, a difference is the same row. What somebody settled stays settled as long as the values are the ones that
 * were settled; other values open it again.
 */
export async function upsert(tx: Db, input: FindingInput, now: Instant): Promise<void> {
  const { mode, state = 'open', ...rest } = input
  const at = new Date(now)
  await sql`
    insert into findings as f (mode, id, category, state, subject_kind, subject_id, customer_id, summary, ours, theirs,
      dedupe_key, found_at, seen_at, settled_at)
    values (${mode}, ${newId('finding', now)}, ${rest.category}, ${state}, ${rest.subjectKind}, ${rest.subjectId},
      ${rest.customerId}, ${rest.summary}, ${JSON.stringify(rest.ours)}::jsonb, ${JSON.stringify(rest.theirs)}::jsonb,
      ${rest.dedupeKey}, ${at}, ${at}, ${state === 'open' ? null : at})
    on conflict (mode, dedupe_key) do update set
      seen_at = excluded.seen_at, category = excluded.category, summary = excluded.summary,
      ours = excluded.ours, theirs = excluded.theirs,
      state = case when f.ours is not distinct from excluded.ours and f.theirs is not distinct from excluded.theirs
        then f.state else excluded.state end,
      settled_at = case when f.ours is not distinct from excluded.ours and f.theirs is not distinct from excluded.theirs
        then f.settled_at else excluded.settled_at end`.execute(tx)
}

/** Settles what is open under a key; the difference is no longer there, or somebody decided about it. */
export async function settle(
  tx: Db,
  mode: Mode,
  by: { readonly id: string } | { readonly dedupeKey: string },
  state: Exclude<FindingState, 'open'>,
  note: string | null,
  now: Instant,
): Promise<boolean> {
  let query = tx
    .updateTable('findings')
    .set({ state, note, settledAt: new Date(now) })
    .where('mode', '=', mode)
    .where('state', '=', 'open')
  query = 'id' in by ? query.where('id', '=', by.id) : query.where('dedupeKey', '=', by.dedupeKey)
  const result = await query.executeTakeFirst()
  return result.numUpdatedRows > 0n
}

export interface FindingFilter {
  readonly state?: FindingState | undefined
  readonly category?: FindingCategory | undefined
  readonly customerId?: string | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: FindingFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<Finding>> {
  let query = db.selectFrom('findings').selectAll().where('mode', '=', mode)
  if (filter.state !== undefined) query = query.where('state', '=', filter.state)
  if (filter.category !== undefined) query = query.where('category', '=', filter.category)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

export async function find(db: Db, mode: Mode, id: string): Promise<Finding | undefined> {
  const row = await db
    .selectFrom('findings')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function countOpen(db: Db, mode: Mode): Promise<number> {
  const row = await db
    .selectFrom('findings')
    .select(({ fn }) => fn.countAll<bigint>().as('count'))
    .where('mode', '=', mode)
    .where('state', '=', 'open')
    .executeTakeFirstOrThrow()
  return Number(row.count)
}

function fromRow(row: Selectable<Tables['findings']>): Finding {
  return {
    mode: row.mode,
    id: row.id,
    category: row.category,
    state: row.state,
    subjectKind: row.subjectKind,
    subjectId: row.subjectId,
    customerId: row.customerId,
    summary: row.summary,
    ours: row.ours,
    theirs: row.theirs,
    dedupeKey: row.dedupeKey,
    note: row.note,
    foundAt: row.foundAt.getTime(),
    seenAt: row.seenAt.getTime(),
    settledAt: row.settledAt?.getTime() ?? null,
  }
}

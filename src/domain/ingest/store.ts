import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { EventState, RejectedEvent, StoredEvent } from './usage-event.ts'

/** The row is the claim: false when somebody else has it. */
export async function claim(tx: Db, event: StoredEvent): Promise<boolean> {
  const { at, receivedAt, data, ...rest } = event
  const inserted = await tx
    .insertInto('usageEvents')
    .values({
      ...rest,
      month: monthOf(at),
      at: new Date(at),
      receivedAt: new Date(receivedAt),
      apiKeyId: null,
      data: JSON.stringify(data),
    })
    .onConflict((conflict) => conflict.doNothing())
    .returning('id')
    .execute()
  return inserted.length === 1
}

export async function findEvent(
  db: Db,
  mode: Mode,
  source: string,
  id: string,
): Promise<StoredEvent | undefined> {
  const row = await named(db, mode, source, id).executeTakeFirst()
  return row && fromRow(row)
}

export async function lockEvent(
  tx: Db,
  mode: Mode,
  source: string,
  id: string,
): Promise<StoredEvent | undefined> {
  const row = await named(tx, mode, source, id).forUpdate().executeTakeFirst()
  return row && fromRow(row)
}

function named(db: Db, mode: Mode, source: string, id: string) {
  return db
    .selectFrom('usageEvents')
    .selectAll()
    .where('mode', '=', mode)
    .where('source', '=', source)
    .where('id', '=', id)
    .orderBy('at', 'desc')
}

export async function setState(
  tx: Db,
  { mode, source, id, at }: StoredEvent,
  state: EventState,
): Promise<void> {
  await tx
    .updateTable('usageEvents')
    .set({ state })
    .where('mode', '=', mode)
    .where('source', '=', source)
    .where('id', '=', id)
    .where('month', '=', monthOf(at))
    .execute()
}

export interface EventFilter {
  readonly customerId?: string | undefined
  readonly type?: string | undefined
  readonly state?: EventState | undefined
}

/** Newest first. */
/** Time, source and id; whoever sends events chooses the texts, and NUL is in none that the database takes. */
const EVENT_CURSOR = /^\d{1,15}\0[^\0]*\0[^\0]*$/

export async function listEvents(
  db: Db,
  mode: Mode,
  { customerId, type, state }: EventFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<StoredEvent>> {
  let query = db.selectFrom('usageEvents').selectAll().where('mode', '=', mode)
  if (customerId !== undefined) query = query.where('customerId', '=', customerId)
  if (type !== undefined) query = query.where('type', '=', type)
  if (state !== undefined) query = query.where('state', '=', state)
  if (cursor !== undefined) {
    const [ms, source = '', id = ''] = decodeCursor(cursor, EVENT_CURSOR).split('\0')
    const at = Number(ms)
    query = query.where((where) =>
      where.or([
        where('at', '<', new Date(at)),
        where.and([where('at', '=', new Date(at)), where('source', '<', source)]),
        where.and([
          where('at', '=', new Date(at)),
          where('source', '=', source),
          where('id', '<', id),
        ]),
      ]),
    )
  }
  const rows = await query
    .orderBy('at', 'desc')
    .orderBy('source', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ at, source, id }) => [at, source, id].join('\0'))
}

export async function insertReject(db: Db, mode: Mode, reject: RejectedEvent): Promise<void> {
  const { receivedAt, payload, ...rest } = reject
  await db
    .insertInto('usageRejects')
    .values({
      ...rest,
      mode,
      payload: JSON.stringify(payload),
      receivedAt: new Date(receivedAt),
    })
    .execute()
}

/** Newest first. */
export async function listRejects(
  db: Db,
  mode: Mode,
  { limit, cursor }: PageRequest,
): Promise<Page<RejectedEvent>> {
  let query = db.selectFrom('usageRejects').selectAll().where('mode', '=', mode)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  const rejects = rows.map(({ id, reason, payload, receivedAt }) => ({
    id,
    reason,
    payload,
    receivedAt: receivedAt.getTime(),
  }))
  return toPage(rejects, limit, ({ id }) => id)
}

export async function deleteRejects(db: Db, before: Instant): Promise<void> {
  await db.deleteFrom('usageRejects').where('receivedAt', '<', new Date(before)).execute()
}

/** `2026-03-01`: an event keeps its uniqueness within its month whatever partition it is in. */
function monthOf(at: Instant): string {
  return `${new Date(at).toISOString().slice(0, 7)}-01`
}

function fromRow(row: Selectable<Tables['usageEvents']>): StoredEvent {
  const { month: _month, apiKeyId: _apiKeyId, at, receivedAt, ...rest } = row
  return { ...rest, at: at.getTime(), receivedAt: receivedAt.getTime() }
}

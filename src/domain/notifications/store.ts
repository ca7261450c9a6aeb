import { type Selectable, sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, type TimePage, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Notification } from './notification.ts'

/** Answers false when it was said before: the key makes it go out once. */
export async function insert(
  tx: Db,
  notification: Notification,
  payload: unknown,
): Promise<boolean> {
  const { mode, id, template, customerId, recipient, dedupeKey, createdAt } = notification
  const row = await tx
    .insertInto('notifications')
    .values({
      mode,
      id,
      template,
      customerId,
      recipient,
      dedupeKey,
      payload: JSON.stringify(payload),
      createdAt: new Date(createdAt),
    })
    .onConflict((conflict) => conflict.columns(['mode', 'dedupeKey']).doNothing())
    .returning('id')
    .executeTakeFirst()
  return row !== undefined
}

export async function find(
  db: Db,
  mode: Mode,
  id: string,
): Promise<(Notification & { readonly payload: unknown }) | undefined> {
  const row = await db
    .selectFrom('notifications')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && { ...fromRow(row), payload: row.payload }
}

export async function settle(
  db: Db,
  { mode, id }: Notification,
  outcome: { readonly state: 'sent' | 'failed'; readonly error: string | null },
  at: Instant,
): Promise<void> {
  const { state, error } = outcome
  await db
    .updateTable('notifications')
    .set({ state, error, sentAt: state === 'sent' ? new Date(at) : null })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function list(
  db: Db,
  mode: Mode,
  customerId: string | undefined,
  { limit, cursor }: PageRequest,
): Promise<Page<Notification>> {
  let query = db.selectFrom('notifications').selectAll().where('mode', '=', mode)
  if (customerId !== undefined) query = query.where('customerId', '=', customerId)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

/** What was written to one customer's people, newest first. */
export async function listOfCustomer(
  db: Db,
  mode: Mode,
  customerId: string,
  { limit, before }: TimePage,
): Promise<Notification[]> {
  let query = db
    .selectFrom('notifications')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
  if (before !== undefined) {
    const { at, key } = before
    query = query.where(sql<boolean>`(created_at, id) < (${new Date(at)}, ${key ?? ''})`)
  }
  const rows = await query.orderBy('createdAt', 'desc').orderBy('id', 'desc').limit(limit).execute()
  return rows.map(fromRow)
}

/** The topics somebody switched off. */
export async function listSwitchedOff(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<ReadonlySet<string>> {
  const rows = await db
    .selectFrom('notificationPreferences')
    .select('topic')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('isEnabled', '=', false)
    .execute()
  return new Set(rows.map(({ topic }) => topic))
}

export async function savePreference(
  db: Db,
  preference: {
    readonly mode: Mode
    readonly customerId: string
    readonly topic: string
    readonly isEnabled: boolean
  },
  now: Instant,
): Promise<void> {
  const { isEnabled } = preference
  const updatedAt = new Date(now)
  await db
    .insertInto('notificationPreferences')
    .values({ ...preference, updatedAt })
    .onConflict((conflict) =>
      conflict.columns(['mode', 'customerId', 'topic']).doUpdateSet({ isEnabled, updatedAt }),
    )
    .execute()
}

function fromRow(row: Selectable<Tables['notifications']>): Notification {
  return {
    mode: row.mode,
    id: row.id,
    template: row.template,
    customerId: row.customerId,
    recipient: row.recipient,
    dedupeKey: row.dedupeKey,
    state: row.state,
    error: row.error,
    createdAt: row.createdAt.getTime(),
    sentAt: row.sentAt?.getTime() ?? null,
  }
}

import { sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, type TimePage, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import { atCommit } from '../../platform/database/transaction.ts'
import { type AuditEntry, type AuditSlice, FIRST_HASH, hashEntry } from './entry.ts'

export type NewEntry = Omit<AuditEntry, 'id' | 'position' | 'previousHash' | 'hash'>

/** Appended at the end of the transaction, all entries of it at once: the lock on the chain is held as briefly as can be. */
export function append(tx: Db, entry: NewEntry): Promise<void> {
  return atCommit(tx, appendAll, entry)
}

/** Under a lock that lasts to the end of the transaction, so that positions have no gaps and hashes link. */
async function appendAll(tx: Db, entries: readonly NewEntry[]): Promise<void> {
  for (const [mode, ofMode] of Map.groupBy(entries, (entry) => entry.mode)) {
    await appendTo(tx, mode, ofMode)
  }
}

async function appendTo(tx: Db, mode: Mode, entries: readonly NewEntry[]): Promise<void> {
  // Asked for at once, and yet the second sees what the lock was waited for: each statement looks when it runs.
  const [, head] = await Promise.all([
    sql`select pg_advisory_xact_lock(hashtext('audit'), hashtext(${mode}))`.execute(tx),
    tx
      .selectFrom('auditEntries')
      .select(['position', 'hash'])
      .where('mode', '=', mode)
      .orderBy('position', 'desc')
      .limit(1)
      .executeTakeFirst(),
  ])
  let position = Number(head?.position ?? 0n)
  let previousHash = head?.hash ?? FIRST_HASH
  const rows = entries.map((entry) => {
    const unhashed = { ...entry, id: newId('audit', entry.at), position: ++position, previousHash }
    previousHash = hashEntry(unhashed)
    return {
      ...unhashed,
      hash: previousHash,
      at: new Date(entry.at),
      happenedAt: new Date(entry.happenedAt),
      position: BigInt(position),
      before: toJson(entry.before),
      after: toJson(entry.after),
    }
  })
  await tx.insertInto('auditEntries').values(rows).execute()
}

export interface AuditFilter {
  readonly customerId?: string | undefined
  readonly targetKind?: string | undefined
  readonly targetId?: string | undefined
  readonly actorKind?: AuditEntry['actorKind'] | undefined
  /** An action, or the noun all its actions begin with: `plan`, `plan.published`. */
  readonly action?: string | undefined
}

export async function list(
  db: Db,
  mode: Mode,
  filter: AuditFilter,
  { limit, cursor }: PageRequest,
): Promise<Page<AuditEntry>> {
  let query = db.selectFrom('auditEntries').selectAll().where('mode', '=', mode)
  if (filter.customerId !== undefined) query = query.where('customerId', '=', filter.customerId)
  if (filter.targetKind !== undefined) query = query.where('targetKind', '=', filter.targetKind)
  if (filter.targetId !== undefined) query = query.where('targetId', '=', filter.targetId)
  if (filter.actorKind !== undefined) query = query.where('actorKind', '=', filter.actorKind)
  if (filter.action !== undefined) {
    const { action } = filter
    const isOfNoun = sql<boolean>`starts_with(action, ${`${action}.`})`
    query = query.where((where) => where.or([where('action', '=', action), isOfNoun]))
  }
  if (cursor !== undefined)
    query = query.where('position', '<', BigInt(decodeCursor(cursor, /^\d{1,18}$/)))
  const rows = await query
    .orderBy('position', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, (entry) => String(entry.position))
}

/** By the customer's time, newest first; what happened at one instant in the order of the chain. */
export async function listOfCustomer(
  db: Db,
  mode: Mode,
  customerId: string,
  { nouns, actions = [], actorKind }: AuditSlice,
  { limit, before }: TimePage,
): Promise<AuditEntry[]> {
  let query = db
    .selectFrom('auditEntries')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
  if (actorKind !== undefined) query = query.where('actorKind', '=', actorKind)
  if (nouns !== undefined) {
    query = query.where(
      sql<boolean>`(split_part(action, '.', 1) = any(${nouns}::text[]) or action = any(${actions}::text[]))`,
    )
  }
  if (before !== undefined) {
    const { at, key } = before
    query = query.where(
      sql<boolean>`(happened_at, position) < (${new Date(at)}, ${BigInt(key ?? 0)})`,
    )
  }
  const rows = await query
    .orderBy('happenedAt', 'desc')
    .orderBy('position', 'desc')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

/** The chain in order, from after `position`. */
export async function chainAfter(
  db: Db,
  mode: Mode,
  position: number,
  limit: number,
): Promise<AuditEntry[]> {
  const rows = await db
    .selectFrom('auditEntries')
    .selectAll()
    .where('mode', '=', mode)
    .where('position', '>', BigInt(position))
    .orderBy('position')
    .limit(limit)
    .execute()
  return rows.map(fromRow)
}

function fromRow<Row extends { position: bigint; at: Date; happenedAt: Date }>(
  row: Row,
): Omit<Row, 'position' | 'at' | 'happenedAt'> & {
  position: number
  at: Instant
  happenedAt: Instant
} {
  return {
    ...row,
    position: Number(row.position),
    at: row.at.getTime(),
    happenedAt: row.happenedAt.getTime(),
  }
}

function toJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value)
}

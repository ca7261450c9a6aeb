import { sql } from 'kysely'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, type TimePage, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import { type AuditEntry, type AuditSlice, FIRST_HASH, hashEntry } from './entry.ts'

export type NewEntry = Omit<AuditEntry, 'id' | 'position' | 'previousHash' | 'hash'>

/** Appends under a lock that lasts to the end of the transaction, so that positions have no gaps and hashes link. */
export async function append(tx: Db, entry: NewEntry): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtext('audit'), hashtext(${entry.mode}))`.execute(tx)
  const last = await tx
    .selectFrom('auditEntries')
    .select(['position', 'hash'])
    .where('mode', '=', entry.mode)
    .orderBy('position', 'desc')
    .limit(1)
    .executeTakeFirst()
  const unhashed = {
    ...entry,
    id: newId('audit', entry.at),
    position: Number(last?.position ?? 0n) + 1,
    previousHash: last?.hash ?? FIRST_HASH,
  }
  await tx
    .insertInto('auditEntries')
    .values({
      ...unhashed,
      hash: hashEntry(unhashed),
      at: new Date(entry.at),
      happenedAt: new Date(entry.happenedAt),
      position: BigInt(unhashed.position),
      before: toJson(entry.before),
      after: toJson(entry.after),
    })
    .execute()
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

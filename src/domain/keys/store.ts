import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { ApiKey } from './api-key.ts'

export interface NewKey extends ApiKey {
  readonly hash: string
  readonly sealedSecret: string | null
}

export async function insert(tx: Db, key: NewKey): Promise<void> {
  await tx
    .insertInto('apiKeys')
    .values({
      ...key,
      scopes: [...key.scopes],
      allowedIps: [...key.allowedIps],
      expiresAt: toDate(key.expiresAt),
      lastUsedAt: toDate(key.lastUsedAt),
      createdAt: new Date(key.createdAt),
      revokedAt: toDate(key.revokedAt),
    })
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<ApiKey | undefined> {
  const row = await db
    .selectFrom('apiKeys')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findByHash(db: Db, hash: string): Promise<ApiKey | undefined> {
  const row = await db.selectFrom('apiKeys').selectAll().where('hash', '=', hash).executeTakeFirst()
  return row && fromRow(row)
}

export async function listOfCustomer(db: Db, mode: Mode, customerId: string): Promise<ApiKey[]> {
  const rows = await db
    .selectFrom('apiKeys')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .orderBy('id', 'desc')
    .limit(500)
    .execute()
  return rows.map(fromRow)
}

export interface KeyChange {
  readonly name?: string
  readonly state?: ApiKey['state']
  readonly rotatedToId?: string
  readonly expiresAt?: Instant
  readonly revokedAt?: Instant
}

export async function update(tx: Db, mode: Mode, id: string, change: KeyChange): Promise<void> {
  const { expiresAt, revokedAt, ...rest } = change
  await tx
    .updateTable('apiKeys')
    .set({
      ...rest,
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
      ...(revokedAt !== undefined && { revokedAt: new Date(revokedAt), sealedSecret: null }),
    })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

/** Hands out the sealed secret and forgets it; undefined when it has been shown already. */
export async function takeSealedSecret(
  tx: Db,
  mode: Mode,
  id: string,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('apiKeys')
    .select('sealedSecret')
    .where('mode', '=', mode)
    .where('id', '=', id)
    .forUpdate()
    .executeTakeFirst()
  await tx
    .updateTable('apiKeys')
    .set({ sealedSecret: null })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
  return row?.sealedSecret ?? undefined
}

/** Keys whose secret waits to be shown, by customer. */
export async function listUnrevealed(db: Db, mode: Mode, customerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('apiKeys')
    .select('id')
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('sealedSecret', 'is not', null)
    .where('state', '=', 'active')
    .execute()
  return rows.map(({ id }) => id)
}

/** Moves the keys of an ended subscription to the one that follows it. */
export async function rebind(
  tx: Db,
  mode: Mode,
  fromSubscriptionId: string,
  toSubscriptionId: string,
): Promise<void> {
  await tx
    .updateTable('apiKeys')
    .set({ subscriptionId: toSubscriptionId })
    .where('mode', '=', mode)
    .where('subscriptionId', '=', fromSubscriptionId)
    .where('state', '<>', 'revoked')
    .execute()
}

export async function touch(db: Db, usedAt: ReadonlyMap<string, Instant>): Promise<void> {
  for (const [id, at] of usedAt) {
    await db
      .updateTable('apiKeys')
      .set({ lastUsedAt: new Date(at) })
      .where('id', '=', id)
      .execute()
  }
}

function fromRow(row: Selectable<Tables['apiKeys']>): ApiKey {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    subscriptionId: row.subscriptionId,
    name: row.name,
    start: row.start,
    lastFour: row.lastFour,
    scopes: row.scopes,
    allowedIps: row.allowedIps,
    state: row.state,
    rotatedToId: row.rotatedToId,
    expiresAt: row.expiresAt?.getTime() ?? null,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
    createdAt: row.createdAt.getTime(),
    revokedAt: row.revokedAt?.getTime() ?? null,
  }
}

function toDate(at: Instant | null): Date | null {
  return at === null ? null : new Date(at)
}

import type { Selectable } from 'kysely'
import { invariant } from '../../kit/assert.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { decodeCursor, type Page, type PageRequest, toPage } from '../../kit/page.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Guest, Invitation } from './invitation.ts'

export async function insert(tx: Db, invitation: Invitation, tokenHash: string): Promise<void> {
  const { mode, id, planKey, guest, createdAt, expiresAt } = invitation
  await tx
    .insertInto('planInvitations')
    .values({
      mode,
      id,
      planKey,
      email: guest.kind === 'address' ? guest.email : null,
      customerId: guest.kind === 'customer' ? guest.customerId : null,
      tokenHash,
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
    })
    .execute()
}

/** Those to somebody for a plan that nobody accepted: another takes their place. */
export async function revokeOpen(
  tx: Db,
  mode: Mode,
  planKey: string,
  guest: Guest,
  at: Instant,
): Promise<void> {
  const update = tx
    .updateTable('planInvitations')
    .set({ revokedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('planKey', '=', planKey)
    .where('acceptedAt', 'is', null)
    .where('revokedAt', 'is', null)
  await (
    guest.kind === 'address'
      ? update.where('email', '=', guest.email)
      : update.where('customerId', '=', guest.customerId)
  ).execute()
}

/** False when there is nothing left to revoke. */
export async function revoke(tx: Db, mode: Mode, id: string, at: Instant): Promise<boolean> {
  const result = await tx
    .updateTable('planInvitations')
    .set({ revokedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

export async function accept(
  tx: Db,
  { mode, id }: Invitation,
  customerId: string,
  at: Instant,
): Promise<void> {
  await tx
    .updateTable('planInvitations')
    .set({ acceptedAt: new Date(at), acceptedBy: customerId })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Invitation | undefined> {
  const row = await db
    .selectFrom('planInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function findByToken(
  db: Db,
  mode: Mode,
  tokenHash: string,
): Promise<Invitation | undefined> {
  const row = await db
    .selectFrom('planInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** The same, held until the transaction ends: of two who accept at once, one does. */
export async function lockByToken(
  tx: Db,
  mode: Mode,
  tokenHash: string,
): Promise<Invitation | undefined> {
  const row = await tx
    .selectFrom('planInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('tokenHash', '=', tokenHash)
    .forUpdate()
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function list(
  db: Db,
  mode: Mode,
  planKey: string,
  { limit, cursor }: PageRequest,
): Promise<Page<Invitation>> {
  let query = db
    .selectFrom('planInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('planKey', '=', planKey)
  if (cursor !== undefined) query = query.where('id', '<', decodeCursor(cursor))
  const rows = await query
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute()
  return toPage(rows.map(fromRow), limit, ({ id }) => id)
}

/** The plans a customer may choose because it was invited. */
export async function listPlanKeys(db: Db, mode: Mode, customerId: string): Promise<string[]> {
  const rows = await db
    .selectFrom('planInvitations')
    .select('planKey')
    .distinct()
    .where('mode', '=', mode)
    .where('acceptedBy', '=', customerId)
    .where('revokedAt', 'is', null)
    .execute()
  return rows.map(({ planKey }) => planKey)
}

function fromRow(row: Selectable<Tables['planInvitations']>): Invitation {
  return {
    mode: row.mode,
    id: row.id,
    planKey: row.planKey,
    guest: guestOf(row.email, row.customerId),
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    acceptedAt: row.acceptedAt?.getTime() ?? null,
    acceptedBy: row.acceptedBy,
    revokedAt: row.revokedAt?.getTime() ?? null,
  }
}

function guestOf(email: string | null, customerId: string | null): Guest {
  if (email !== null) return { kind: 'address', email }
  invariant(customerId !== null, 'an invitation is for somebody')
  return { kind: 'customer', customerId }
}

import type { Selectable } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { MemberInvitation } from './member-invitation.ts'

export async function insert(
  tx: Db,
  invitation: MemberInvitation,
  tokenHash: string,
): Promise<void> {
  const { createdAt, expiresAt, ...rest } = invitation
  await tx
    .insertInto('memberInvitations')
    .values({
      ...rest,
      acceptedAt: null,
      revokedAt: null,
      tokenHash,
      createdAt: new Date(createdAt),
      expiresAt: new Date(expiresAt),
    })
    .execute()
}

/** What waits to be followed, expired or not, newest first. */
export async function listOpen(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<MemberInvitation[]> {
  const rows = await db
    .selectFrom('memberInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .where('acceptedAt', 'is', null)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .execute()
  return rows.map(fromRow)
}

export async function findByToken(
  db: Db,
  mode: Mode,
  tokenHash: string,
): Promise<MemberInvitation | undefined> {
  const row = await db
    .selectFrom('memberInvitations')
    .selectAll()
    .where('mode', '=', mode)
    .where('tokenHash', '=', tokenHash)
    .executeTakeFirst()
  return row && fromRow(row)
}

export async function accept(tx: Db, mode: Mode, id: string, at: Instant): Promise<void> {
  await tx
    .updateTable('memberInvitations')
    .set({ acceptedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

export async function revoke(tx: Db, mode: Mode, id: string, at: Instant): Promise<void> {
  await tx
    .updateTable('memberInvitations')
    .set({ revokedAt: new Date(at) })
    .where('mode', '=', mode)
    .where('id', '=', id)
    .execute()
}

function fromRow(row: Selectable<Tables['memberInvitations']>): MemberInvitation {
  return {
    mode: row.mode,
    id: row.id,
    customerId: row.customerId,
    email: row.email,
    role: row.role,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt.getTime(),
    acceptedAt: row.acceptedAt?.getTime() ?? null,
    revokedAt: row.revokedAt?.getTime() ?? null,
  }
}

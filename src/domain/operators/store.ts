import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Operator, OperatorToken, Role } from './operator.ts'

export async function list(db: Db): Promise<Operator[]> {
  const [operators, roles] = await Promise.all([
    db.selectFrom('operators').select(['id', 'name', 'email', 'createdAt']).orderBy('id').execute(),
    db.selectFrom('operatorRoles').select(['operatorId', 'role']).execute(),
  ])
  return operators.map(({ createdAt, ...operator }) => ({
    ...operator,
    roles: roles.filter(({ operatorId }) => operatorId === operator.id).map(({ role }) => role),
    createdAt: createdAt.getTime(),
  }))
}

export async function rolesOf(db: Db, operatorId: string): Promise<Role[]> {
  const rows = await db
    .selectFrom('operatorRoles')
    .select('role')
    .where('operatorId', '=', operatorId)
    .execute()
  return rows.map(({ role }) => role)
}

export async function grant(
  tx: Db,
  operatorId: string,
  role: Role,
  grantedBy: string | null,
  now: Instant,
): Promise<void> {
  await tx
    .insertInto('operatorRoles')
    .values({ operatorId, role, grantedBy, grantedAt: new Date(now) })
    .onConflict((conflict) => conflict.doNothing())
    .execute()
}

export async function insertToken(
  tx: Db,
  token: OperatorToken & { readonly hash: string },
): Promise<void> {
  await tx
    .insertInto('operatorTokens')
    .values({
      ...token,
      createdAt: new Date(token.createdAt),
      expiresAt: token.expiresAt === null ? null : new Date(token.expiresAt),
      lastUsedAt: null,
    })
    .execute()
}

/** A token that has not been revoked and its operator. */
export async function findToken(
  db: Db,
  hash: string,
): Promise<
  | { id: string; operatorId: string; name: string; email: string; expiresAt: Instant | null }
  | undefined
> {
  const row = await db
    .selectFrom('operatorTokens')
    .innerJoin('operators', 'operators.id', 'operatorTokens.operatorId')
    .select(['operatorTokens.id', 'operatorTokens.operatorId', 'operatorTokens.expiresAt'])
    .select(['operators.name', 'operators.email'])
    .where('hash', '=', hash)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return row && { ...row, expiresAt: row.expiresAt?.getTime() ?? null }
}

export async function listTokens(db: Db, operatorId: string): Promise<OperatorToken[]> {
  const rows = await db
    .selectFrom('operatorTokens')
    .select(['id', 'operatorId', 'name', 'start', 'createdAt', 'expiresAt', 'lastUsedAt'])
    .where('operatorId', '=', operatorId)
    .where('revokedAt', 'is', null)
    .orderBy('id', 'desc')
    .execute()
  return rows.map((row) => ({
    ...row,
    createdAt: row.createdAt.getTime(),
    expiresAt: row.expiresAt?.getTime() ?? null,
    lastUsedAt: row.lastUsedAt?.getTime() ?? null,
  }))
}

export async function revokeToken(
  tx: Db,
  operatorId: string,
  id: string,
  now: Instant,
): Promise<boolean> {
  const result = await tx
    .updateTable('operatorTokens')
    .set({ revokedAt: new Date(now) })
    .where('id', '=', id)
    .where('operatorId', '=', operatorId)
    .where('revokedAt', 'is', null)
    .executeTakeFirst()
  return result.numUpdatedRows === 1n
}

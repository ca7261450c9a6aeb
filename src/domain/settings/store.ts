import type { Instant } from '../../kit/instant.ts'
import type { Db } from '../../platform/database/database.ts'

export type Scope = 'installation' | 'test' | 'live'

export interface StoredSetting {
  readonly value: string | null
  readonly sealedValue: string | null
  readonly updatedAt: Instant
}

export async function find(db: Db, scope: Scope, key: string): Promise<StoredSetting | undefined> {
  const row = await db
    .selectFrom('settings')
    .select(['value', 'sealedValue', 'updatedAt'])
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst()
  return (
    row && {
      value: row.value as string | null,
      sealedValue: row.sealedValue,
      updatedAt: row.updatedAt.getTime(),
    }
  )
}

export async function save(
  tx: Db,
  scope: Scope,
  key: string,
  stored: StoredSetting,
): Promise<void> {
  const row = {
    value: stored.value === null ? null : JSON.stringify(stored.value),
    sealedValue: stored.sealedValue,
    updatedAt: new Date(stored.updatedAt),
  }
  await tx
    .insertInto('settings')
    .values({ scope, key, ...row })
    .onConflict((conflict) => conflict.columns(['scope', 'key']).doUpdateSet(row))
    .execute()
}

export async function remove(tx: Db, scope: Scope, key: string): Promise<void> {
  await tx.deleteFrom('settings').where('scope', '=', scope).where('key', '=', key).execute()
}

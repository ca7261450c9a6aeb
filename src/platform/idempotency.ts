import { sql } from 'kysely'
import type { Instant } from '../kit/instant.ts'
import type { Db } from './database/database.ts'

export interface StartedRequest {
  readonly scope: string
  readonly key: string
  readonly requestHash: string
  readonly now: Instant
  readonly lockedUntil: Instant
  readonly expiresAt: Instant
}

export type Start =
  | { readonly kind: 'started' }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }

/** Claims a key, or says what became of the request that has it. A lock whose holder died is taken over. */
export async function startRequest(db: Db, request: StartedRequest): Promise<Start> {
  const { scope, key, requestHash } = request
  const now = new Date(request.now)
  const { rows } = await sql<{ key: string }>`
    insert into idempotency_records as r (scope, key, request_hash, locked_until, expires_at)
    values (${scope}, ${key}, ${requestHash}, ${new Date(request.lockedUntil)}, ${new Date(request.expiresAt)})
    on conflict (scope, key) do update set request_hash = excluded.request_hash, status = null, body = null,
      locked_until = excluded.locked_until, expires_at = excluded.expires_at
      where r.expires_at <= ${now}
        or (r.status is null and r.locked_until <= ${now} and r.request_hash = excluded.request_hash)
    returning key`.execute(db)
  if (rows.length === 1) return { kind: 'started' }
  const row = await db
    .selectFrom('idempotencyRecords')
    .select(['requestHash', 'status', 'body'])
    .where('scope', '=', scope)
    .where('key', '=', key)
    .executeTakeFirst()
  if (row === undefined || row.requestHash !== requestHash) return { kind: 'mismatch' }
  if (row.status === null || row.body === null) return { kind: 'running' }
  return { kind: 'answered', status: row.status, body: row.body }
}

export async function finishRequest(
  db: Db,
  scope: string,
  key: string,
  answer: { readonly status: number; readonly body: string },
): Promise<void> {
  await db
    .updateTable('idempotencyRecords')
    .set({ ...answer, lockedUntil: null })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .execute()
}

export async function forgetRequest(db: Db, scope: string, key: string): Promise<void> {
  await db
    .deleteFrom('idempotencyRecords')
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute()
}

export async function deleteExpired(db: Db, now: Instant): Promise<void> {
  await db.deleteFrom('idempotencyRecords').where('expiresAt', '<=', new Date(now)).execute()
}

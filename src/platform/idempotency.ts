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
  /** Billed: whoever started before was billed, and died before the answer was kept. */
  | { readonly kind: 'started'; readonly isBilled: boolean }
  | { readonly kind: 'answered'; readonly status: number; readonly body: string }
  | { readonly kind: 'running' }
  | { readonly kind: 'mismatch' }

const RELEASED = new Date(0)

/** Claims a key, or says what became of the request that has it. A lock whose holder died is taken over. */
export async function startRequest(db: Db, request: StartedRequest): Promise<Start> {
  const { scope, key, requestHash } = request
  const now = new Date(request.now)
  const { rows } = await sql<{ isBilled: boolean }>`
    insert into idempotency_records as r (scope, key, request_hash, locked_until, expires_at)
    values (${scope}, ${key}, ${requestHash}, ${new Date(request.lockedUntil)}, ${new Date(request.expiresAt)})
    on conflict (scope, key) do update set request_hash = excluded.request_hash, status = null, body = null,
      locked_until = excluded.locked_until, expires_at = excluded.expires_at,
      billed_by = case when r.expires_at <= ${now} then null else r.billed_by end,
      is_taken_over = r.expires_at > ${now} and (r.is_taken_over or r.locked_until > ${RELEASED})
      where r.expires_at <= ${now}
        or (r.status is null and r.locked_until <= ${now} and r.request_hash = excluded.request_hash)
    returning billed_by is not null as is_billed`.execute(db)
  const [started] = rows
  if (started !== undefined) return { kind: 'started', isBilled: started.isBilled }
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

/**
 * It had no effect: the key is free. What was billed under it stays billed, and the next who tries is not; nor is the
 * next when a holder died whose usage is billed as soon as its log is counted.
 */
export async function forgetRequest(db: Db, scope: string, key: string): Promise<void> {
  await db
    .deleteFrom('idempotencyRecords')
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('status', 'is', null)
    .where('billedBy', 'is', null)
    .where('isTakenOver', '=', false)
    .execute()
  await db
    .updateTable('idempotencyRecords')
    .set({ lockedUntil: RELEASED })
    .where('scope', '=', scope)
    .where('key', '=', key)
    .where('status', 'is', null)
    .execute()
}

/** A request under a key that was billed. */
export interface BilledRequest {
  readonly scope: string
  readonly key: string
  readonly requestId: string
}

/**
 * Notes who was billed under which key; the first one is. Answers the requests that count: under one key, one. A record
 * that is gone tells nothing, so its request counts.
 */
export async function claimBilling(
  tx: Db,
  requests: readonly BilledRequest[],
): Promise<ReadonlySet<string>> {
  // In one order, so that two who do this wait for each other instead of dying of deadlock.
  const { rows } = await sql<{ requestId: string }>`
    with asked as (
      select distinct on (scope, key) scope, key, request_id from unnest(
        ${requests.map(({ scope }) => scope)}::text[], ${requests.map(({ key }) => key)}::text[],
        ${requests.map(({ requestId }) => requestId)}::text[]
      ) with ordinality as u (scope, key, request_id, n) order by scope, key, n
    ), locked as (
      select r.scope, r.key, r.billed_by from idempotency_records r join asked using (scope, key)
      order by r.scope, r.key for update of r
    ), noted as (
      update idempotency_records r set billed_by = a.request_id from asked a join locked l using (scope, key)
      where r.scope = a.scope and r.key = a.key and l.billed_by is null
    )
    select a.request_id from asked a left join locked l using (scope, key)
    where l.billed_by is null or l.billed_by = a.request_id`.execute(tx)
  return new Set(rows.map(({ requestId }) => requestId))
}

export async function deleteExpired(db: Db, now: Instant): Promise<void> {
  await db.deleteFrom('idempotencyRecords').where('expiresAt', '<=', new Date(now)).execute()
}

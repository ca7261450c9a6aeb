import { AppError } from '../../errors.ts'
import type { Clock } from '../../kit/clock.ts'
import { sha256Hex } from '../../kit/crypto.ts'
import { DAY_MS, MINUTE_MS } from '../../kit/instant.ts'
import type { Database } from '../../platform/database/database.ts'
import { finishRequest, forgetRequest, startRequest } from '../../platform/idempotency.ts'

const LIFETIME_MS = DAY_MS
const LOCK_MS = 2 * MINUTE_MS
const MAX_KEY_LENGTH = 255

export interface Answer {
  readonly status: number
  readonly body: string
}

/**
 * A request with an `Idempotency-Key` has its effect once: sent again it gets the first answer again. Only answers that
 * took effect are kept; a refusal may be corrected and tried under the same key.
 */
export async function once(
  { database, clock }: { database: Database; clock: Clock },
  request: { readonly scope: string; readonly key: string; readonly content: string },
  run: () => Promise<Answer>,
): Promise<Answer & { readonly isReplay: boolean }> {
  const key = request.key.slice(0, MAX_KEY_LENGTH)
  const now = clock.now()
  const started = await startRequest(database.db, {
    scope: request.scope,
    key,
    requestHash: sha256Hex(request.content),
    now,
    lockedUntil: now + LOCK_MS,
    expiresAt: now + LIFETIME_MS,
  })
  if (started.kind === 'mismatch') throw new AppError('idempotency_mismatch', {})
  if (started.kind === 'running') throw new AppError('request_in_progress', { retryAfter: 1 })
  if (started.kind === 'answered')
    return { status: started.status, body: started.body, isReplay: true }
  try {
    const answer = await run()
    await finishRequest(database.db, request.scope, key, answer)
    return { ...answer, isReplay: false }
  } catch (error) {
    await forgetRequest(database.db, request.scope, key)
    throw error
  }
}

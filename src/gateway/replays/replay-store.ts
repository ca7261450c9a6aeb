import type { Clock } from '../../kit/clock.ts'
import { DAY_MS } from '../../kit/instant.ts'
import type { Database } from '../../platform/database/database.ts'
import { finishRequest, forgetRequest, startRequest } from '../../platform/idempotency.ts'

/** A call under an `Idempotency-Key`. */
export interface ReplayCall {
  /** Whose key it is: two customers may use the same one. */
  readonly scope: string
  readonly key: string
  /** Of method, target and body: the same key for something else is a mistake. */
  readonly hash: string
  /** Whoever holds it longer has died. */
  readonly holdMs: number
}

/** An answer as the client got it, without what the gateway adds to each. */
export interface KeptAnswer {
  readonly status: number
  readonly reason: string
  readonly fields: readonly string[]
  /** In base64; null when it was too large to keep. */
  readonly body: string | null
}

export type ReplayClaim =
  /** Billed: an earlier try was, and its answer is lost. */
  | { readonly kind: 'claimed'; readonly isBilled: boolean }
  | { readonly kind: 'running' | 'mismatch' }
  | { readonly kind: 'answered'; readonly answer: KeptAnswer }

/** Remembers for a day what calls with an `Idempotency-Key` were answered, for all gateways. */
export interface ReplayStore {
  claim(call: ReplayCall): Promise<ReplayClaim>
  keep(call: ReplayCall, answer: KeptAnswer): Promise<void>
  /** It had no effect; the next may try. */
  release(call: ReplayCall): Promise<void>
}

export function createReplayStore(deps: { database: Database; clock: Clock }): ReplayStore {
  const { database, clock } = deps
  return {
    async claim({ scope, key, hash, holdMs }) {
      const now = clock.now()
      const started = await startRequest(database.db, {
        scope,
        key,
        requestHash: hash,
        now,
        lockedUntil: now + holdMs,
        expiresAt: now + DAY_MS,
      })
      if (started.kind === 'started') return { kind: 'claimed', isBilled: started.isBilled }
      if (started.kind !== 'answered') return { kind: started.kind }
      return { kind: 'answered', answer: JSON.parse(started.body) as KeptAnswer }
    },
    keep: ({ scope, key }, answer) =>
      finishRequest(database.db, scope, key, {
        status: answer.status,
        body: JSON.stringify(answer),
      }),
    release: ({ scope, key }) => forgetRequest(database.db, scope, key),
  }
}

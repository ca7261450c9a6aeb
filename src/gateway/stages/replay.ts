import { sha256Hex } from '../../kit/crypto.ts'
import { MINUTE_MS } from '../../kit/instant.ts'
import type { Log } from '../../platform/log.ts'
import {
  type Exchange,
  PASSED,
  refuse,
  REPLAYED,
  type Stage,
  type Verdict,
  WAITING,
} from '../exchange.ts'
import type { ReplayCall, ReplayClaim, ReplayStore } from '../replays/replay-store.ts'

const KEY = /^[\x21-\x7e]{1,255}$/
const RETRY_AFTER_SECONDS = 1

/** What a call under an `Idempotency-Key` has found out about it. */
export interface Replay {
  readonly call: ReplayCall
  readonly claim: ReplayClaim | { readonly kind: 'unavailable' } | { readonly kind: 'too_large' }
}

/**
 * Was this very call answered before? Only on routes with `idempotency: once`, for calls with an `Idempotency-Key`: who
 * repeats a call because the answer was lost gets the first answer again and pays once. After `admit`, because an answer
 * is nobody else's business; before `limit`, because it costs nothing again.
 */
export function createReplayStage(store: ReplayStore | null, log: Log): Stage {
  return (exchange: Exchange): Verdict => {
    const { idempotencyKey: key, route, access, readBody } = exchange
    if (key === '' || route === null || access === null || readBody === null) return PASSED
    if (store === null || route.route.policy.idempotency !== 'once') return PASSED
    if (!KEY.test(key)) return refuse(exchange, 'idempotency_key_invalid', {})
    if (exchange.replay !== null) return settle(exchange, exchange.replay)
    void claim(store, exchange, readBody, log).then((replay) => {
      if (replay === null) return
      exchange.replay = replay
      exchange.resume()
    })
    return WAITING
  }
}

async function claim(
  store: ReplayStore,
  exchange: Exchange,
  readBody: () => Promise<Buffer | null>,
  log: Log,
): Promise<Replay | null> {
  const { access, route, method, path, query, idempotencyKey: key } = exchange
  let body: Buffer | null
  try {
    body = await readBody()
  } catch {
    // The client left in the middle of it; its lane has seen that, and nobody waits for this any more.
    return null
  }
  const head = `${route?.route.key ?? ''} ${method} ${path}${query}`
  const call: ReplayCall = {
    scope: `call:${access?.record.mode ?? ''}:${access?.record.customerId ?? ''}`,
    key,
    hash: sha256Hex(`${head} ${body === null ? '' : sha256Hex(body)}`),
    holdMs: (route?.route.policy.timeoutMs ?? 0) + MINUTE_MS,
  }
  if (body === null) return { call, claim: { kind: 'too_large' } }
  try {
    const found = await store.claim(call)
    // The client left meanwhile, and nobody will answer this.
    if (exchange.isSettled && found.kind === 'claimed') await store.release(call)
    return exchange.isSettled ? null : { call, claim: found }
  } catch (error) {
    log.warn('gateway.replays_unavailable', { requestId: exchange.id, error })
    return { call, claim: { kind: 'unavailable' } }
  }
}

function settle(exchange: Exchange, { claim: found }: Replay): Verdict {
  switch (found.kind) {
    case 'claimed':
      exchange.isFree = found.isBilled
      return PASSED
    case 'answered':
      // Too large to keep: it goes through again, and is not billed again.
      exchange.isFree = true
      return found.answer.body === null ? PASSED : REPLAYED
    case 'running':
      return refuse(
        exchange,
        'request_in_progress',
        { retryAfter: RETRY_AFTER_SECONDS },
        { retryAfterSeconds: RETRY_AFTER_SECONDS, actions: ['wait'] },
      )
    case 'mismatch':
      return refuse(exchange, 'idempotency_mismatch', {})
    case 'too_large':
      return refuse(exchange, 'body_too_large', { limit: MAX_BODY_BYTES })
    case 'unavailable': {
      const mayServe = exchange.route?.route.policy.onMeterFailure === 'allow_and_record'
      if (!mayServe) return refuse(exchange, 'metering_unavailable', {}, { actions: ['wait'] })
      exchange.isDegraded = true
      return PASSED
    }
  }
}

/** Bodies are compared, and so held in memory; larger ones are refused under a key. */
export const MAX_BODY_BYTES = 1024 * 1024

import { SECOND_MS } from '../../kit/instant.ts'
import type { KeyDirectory, LookUpResult } from '../access/key-directory.ts'
import {
  type Exchange,
  PASSED,
  refuse,
  type REFUSED,
  type Stage,
  type Verdict,
  WAITING,
} from '../exchange.ts'

const RETRY_AFTER_SECONDS = 2

/**
 * 2. Whose key is it? Before anything that is counted per key, so that strangers cost as little as possible. Waits only
 * at the first sight of a key.
 */
export function createAuthenticateStage(directory: KeyDirectory): Stage {
  return (exchange: Exchange): Verdict => {
    if (exchange.route?.route.policy.isPublic === true) return PASSED
    if (exchange.credentialKind === 'none') return refuse(exchange, 'missing_credentials', {})
    if (exchange.credentialKind === 'other_scheme') return refuse(exchange, 'invalid_scheme', {})

    const found = exchange.lookUp
    if (found !== null) return settle(exchange, found)
    const access = directory.peek(exchange.credential, exchange.at)
    if (access === null) return refuse(exchange, 'invalid_api_key', {}, { actions: ['create_key'] })
    if (access !== undefined) {
      exchange.access = access
      return PASSED
    }
    directory.lookUp(exchange.credential, exchange.address, (result) => {
      exchange.lookUp = result
      exchange.resume()
    })
    return WAITING
  }
}

function settle(exchange: Exchange, result: LookUpResult): typeof PASSED | typeof REFUSED {
  switch (result.kind) {
    case 'found':
      exchange.access = result.access
      return PASSED
    case 'unknown':
      return refuse(exchange, 'invalid_api_key', {}, { actions: ['create_key'] })
    case 'unavailable':
      return refuse(
        exchange,
        'access_unavailable',
        { retryAfter: RETRY_AFTER_SECONDS },
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      )
    case 'busy':
      return refuse(
        exchange,
        'gateway_busy',
        { retryAfter: RETRY_AFTER_SECONDS },
        { retryAfterSeconds: RETRY_AFTER_SECONDS },
      )
    case 'too_many_unknown': {
      const retryAfterSeconds = Math.ceil(result.retryAfterMs / SECOND_MS)
      return refuse(
        exchange,
        'rate_limited',
        { limit: 'unknown_keys', retryAfter: retryAfterSeconds },
        { retryAfterSeconds, actions: ['wait'] },
      )
    }
  }
}

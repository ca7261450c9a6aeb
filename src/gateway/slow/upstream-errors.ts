import { type Exchange, refuse } from '../exchange.ts'
import { refuseUnavailable } from '../stages/proxy.ts'

const TIMEOUTS = new Set([
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_CONNECT_TIMEOUT',
  'ETIMEDOUT',
])
const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'EADDRNOTAVAIL',
])

function codeOf(error: Error): string {
  return 'code' in error ? String(error.code) : ''
}

export function isTimeout(error: Error): boolean {
  return TIMEOUTS.has(codeOf(error))
}

/** What the client is told of an upstream that gave no answer. */
export function refuseByError(exchange: Exchange, error: Error): void {
  if (isTimeout(error)) {
    const timeoutMs = exchange.route?.route.policy.timeoutMs ?? 0
    refuse(exchange, 'upstream_timeout', { timeoutMs })
  } else if (UNREACHABLE.has(codeOf(error))) refuseUnavailable(exchange)
  else refuse(exchange, 'upstream_failed', {})
}

import { STATUS_CODES } from 'node:http'
import type { RefusalAction } from '../domain/entitlements/access.ts'
import { AppError, type ErrorCode, type ErrorParams, ERRORS } from '../errors.ts'
import type { Exchange, GatewayRefusal } from './exchange.ts'

/** An answer the gateway gives itself. */
export interface GatewayAnswer {
  readonly status: number
  readonly reason: string
  /** Each ended by CRLF; with those of the exchange. */
  readonly headerLines: string
  readonly body: string
}

export interface Refusals {
  render(exchange: Exchange, refusal: GatewayRefusal): GatewayAnswer
}

/** Where in the portal a caller finds the remedy. What is not here has no page: waiting, asking people. */
export const PORTAL_PAGES: Partial<Record<RefusalAction, string>> = {
  upgrade: 'plans',
  subscribe: 'plans',
  resume: 'billing',
  pay: 'invoices',
  top_up: 'billing/credits',
  update_payment_method: 'billing',
  create_key: 'keys',
  raise_budget: 'keys#budgets',
}

/**
 * Refusals as problem documents (RFC 9457) that programs can act on: a stable `code`, the limit that was hit, when it
 * is available again, and what can be done about it.
 */
export function createRefusals({ portalUrl }: { portalUrl: string }): Refusals {
  const portal = portalUrl.endsWith('/') ? portalUrl : `${portalUrl}/`
  const errorPages = new URL('/docs/errors/', portal)

  function actionOf(rel: RefusalAction, refusal: GatewayRefusal) {
    const page = PORTAL_PAGES[rel]
    if (page !== undefined) return { rel, href: new URL(page, portal).href }
    const at = rel === 'wait' ? resetAtOf(refusal) : undefined
    return at === undefined ? { rel } : { rel, at }
  }

  return {
    render(exchange, refusal) {
      const { code, params, limit, actions = [] } = refusal
      const error = new AppError(code, params as ErrorParams<ErrorCode>)
      const status = refusal.status ?? error.status
      const document = {
        type: new URL(code, errorPages).href,
        title: error.title,
        status,
        detail: error.message,
        code,
        requestId: exchange.id,
        ...(limit === undefined ? {} : { limit, resetAt: limit.resetAt }),
        actions: actions.map((rel) => actionOf(rel, refusal)),
      }
      return {
        status,
        reason: STATUS_CODES[status] ?? '',
        headerLines: headerLines(exchange, refusal, status),
        body: JSON.stringify(document),
      }
    },
  }
}

/** What the client is answered with. */
export function statusOf({ status, code }: GatewayRefusal): number {
  return status ?? ERRORS[code].status
}

function resetAtOf({ limit }: GatewayRefusal): string | undefined {
  return limit?.resetAt ?? undefined
}

function headerLines(exchange: Exchange, refusal: GatewayRefusal, status: number): string {
  let lines = `Content-Type: application/problem+json\r\nCache-Control: no-store\r\n${exchange.answerLines}`
  if (status === 401) lines += 'WWW-Authenticate: Bearer\r\n'
  if (refusal.retryAfterSeconds !== undefined) {
    lines += `Retry-After: ${refusal.retryAfterSeconds}\r\n`
  }
  if (refusal.allow !== undefined) lines += `Allow: ${[...new Set(refusal.allow)].join(', ')}\r\n`
  return lines
}

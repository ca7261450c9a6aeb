import { AppError, ERRORS, invalidRequest } from '../../errors.ts'
import { InvalidCursor } from '../../kit/page.ts'
import type { Log } from '../../platform/log.ts'

/** Where the console serves the pages about error codes. */
export const ERROR_PAGES_PATH = '/docs/errors'

/** An RFC 9457 problem document for whatever was thrown; what is not expected is logged and told as `internal`. */
export function problemResponse(
  error: unknown,
  requestId: string,
  { log, publicUrl }: { readonly log: Log; readonly publicUrl: string },
): Response {
  const known = toAppError(error)
  if (known === undefined) log.error('request.failed', { requestId, error })
  else if (known.status >= 500) log.error('request.failed', { requestId, code: known.code, error })
  const { status, title } = known ?? ERRORS.internal
  const code = known?.code ?? 'internal'
  const body = {
    type: `${publicUrl}${ERROR_PAGES_PATH}/${code}`,
    title,
    status,
    code,
    detail: known?.message ?? ERRORS.internal.detail,
    requestId,
    ...known?.extras,
  }
  const headers = new Headers({
    'content-type': 'application/problem+json',
    'cache-control': 'no-store',
    'x-request-id': requestId,
  })
  const retryAfter = known?.extras['retryAfter']
  if (typeof retryAfter === 'number') headers.set('retry-after', String(retryAfter))
  return new Response(JSON.stringify(body), { status, headers })
}

function toAppError(error: unknown): AppError | undefined {
  if (error instanceof InvalidCursor) {
    return invalidRequest([{ path: 'cursor', message: 'must be the nextCursor of a page' }])
  }
  return error instanceof AppError ? error : undefined
}

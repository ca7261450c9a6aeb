/** One page of a listing; `nextCursor` is null on the last one. */
export interface Page<T> {
  readonly data: readonly T[]
  readonly nextCursor: string | null
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

export const DEFAULT_PAGE_LIMIT = 25
export const MAX_PAGE_LIMIT = 100

/**
 * Builds a page from rows fetched with `limit + 1`. The cursor is the last row's sort key, opaque to callers, so
 * rows added or removed elsewhere neither repeat nor skip an entry.
 */
export function toPage<T>(rows: readonly T[], limit: number, sortKey: (row: T) => string): Page<T> {
  const data = rows.slice(0, limit)
  const last = data.at(-1)
  const hasMore = rows.length > limit && last !== undefined
  return { data, nextCursor: hasMore ? encodeCursor(sortKey(last)) : null }
}

export function encodeCursor(sortKey: string): string {
  return Buffer.from(sortKey, 'utf8').toString('base64url')
}

export function decodeCursor(cursor: string): string {
  return Buffer.from(cursor, 'base64url').toString('utf8')
}

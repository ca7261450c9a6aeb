import type { Instant } from './instant.ts'

/** One page of a listing; `nextCursor` is null on the last one. */
export interface Page<T> {
  readonly data: readonly T[]
  readonly nextCursor: string | null
}

export interface PageRequest {
  readonly limit: number
  readonly cursor?: string | undefined
}

/** A page of one of several listings that are read as one, by time, newest first. */
export interface TimePage {
  readonly limit: number
  /** What happened before this instant; or at it, if its sort key is below `key`. */
  readonly before?: { readonly at: Instant; readonly key: string | null } | undefined
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

/** A cursor that no page has given out. */
export class InvalidCursor extends Error {
  constructor() {
    super('The cursor is not the nextCursor of a page')
    this.name = 'InvalidCursor'
  }
}

/** The sort key a page of this listing ended with; it has this shape, or nobody here has written the cursor. */
export function decodeCursor(cursor: string, shape: RegExp = /^\w+$/): string {
  const sortKey = Buffer.from(cursor, 'base64url').toString('utf8')
  if (!shape.test(sortKey)) throw new InvalidCursor()
  return sortKey
}

import type { Kind } from '../store/documents.ts'
import { settingsOf } from '../store/settings.ts'
import type { Call } from './calls.ts'
import { invalidRequest } from './errors.ts'
import { isDeleted } from './lookup.ts'
import { compileSearch, type SearchFields } from './search-query.ts'

type Hash = Readonly<Record<string, unknown>>

interface SearchParams {
  readonly query: string
  readonly limit?: number | undefined
  readonly page?: string | undefined
}

const DEFAULT_LIMIT = 10

/** Searching one kind of object. As at Stripe, what was just made is not found yet: search is no read-after-write. */
export function searchOperation(kind: Kind, url: string, fields: SearchFields) {
  return ({ tx, params }: Call<SearchParams>): unknown => {
    const isMatch = compileSearch(params.query, fields)
    const limit = params.limit ?? DEFAULT_LIMIT
    const after = params.page === undefined ? undefined : decodePage(params.page)
    const lagMs = settingsOf(tx).searchLagMs
    const found: unknown[] = []
    let last = ''
    let hasMore = false
    for (const document of tx.newestFirst(kind, after)) {
      if (isDeleted(document) || tx.isNewerThan(kind, document.id, lagMs)) continue
      const object = tx.present(kind, document.id) as Hash
      if (!isMatch(object)) continue
      if (found.length === limit) {
        hasMore = true
        break
      }
      found.push(object)
      last = document.id
    }
    return {
      object: 'search_result',
      data: found,
      has_more: hasMore,
      next_page: hasMore ? Buffer.from(last).toString('base64url') : null,
      url,
    }
  }
}

function decodePage(page: string): string {
  const id = Buffer.from(page, 'base64url').toString('utf8')
  if (id !== '') return id
  throw invalidRequest({ message: `Invalid page: '${page}'.`, param: 'page' })
}

export const text = (name: string) =>
  ({ type: 'text', read: (object: Hash) => object[name] }) as const
export const number = (name: string) =>
  ({ type: 'number', read: (object: Hash) => object[name] }) as const
export const boolean = (name: string) =>
  ({ type: 'boolean', read: (object: Hash) => object[name] }) as const

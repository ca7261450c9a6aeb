import type { Documents, Kind } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { List } from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest } from './errors.ts'
import { getReferenced, isDeleted } from './lookup.ts'

export interface PageParams {
  readonly limit?: number | undefined
  readonly starting_after?: string | undefined
  readonly ending_before?: string | undefined
}

export interface Range {
  readonly gt?: number | undefined
  readonly gte?: number | undefined
  readonly lt?: number | undefined
  readonly lte?: number | undefined
}

export interface Page {
  readonly object: 'list'
  readonly data: readonly unknown[]
  readonly has_more: boolean
  readonly url: string
}

const DEFAULT_LIMIT = 10
const MAX_LIMIT = 100

interface ListOptions<K extends Kind> {
  readonly url: string
  readonly params: PageParams
  /** Which documents belong to the list; deleted ones never do. */
  readonly matches?: (document: Documents[K]) => boolean
  /** The candidates, oldest first, when an index narrows them down. */
  readonly among?: readonly Documents[K][]
  readonly show?: (document: Documents[K]) => unknown
}

/**
 * One page of a listing, newest first. What was made in the same second keeps the order in which it was made, so pages
 * neither repeat nor skip an object while others are added.
 */
export function listPage<K extends Kind>(
  tx: Transaction,
  kind: K,
  { url, params, matches = () => true, among, show }: ListOptions<K>,
): Page {
  const { limit = DEFAULT_LIMIT } = params
  const { starting_after: startingAfter, ending_before: endingBefore } = params
  if (startingAfter !== undefined) getReferenced(tx, kind, startingAfter, 'starting_after')
  if (endingBefore !== undefined) getReferenced(tx, kind, endingBefore, 'ending_before')

  const isBackwards = endingBefore !== undefined
  const source =
    among === undefined
      ? isBackwards
        ? tx.oldestFirst(kind, endingBefore)
        : tx.newestFirst(kind, startingAfter)
      : beyondCursor(tx, kind, among, params)
  const found: Documents[K][] = []
  for (const document of source) {
    if (isDeleted(document) || !matches(document)) continue
    found.push(document)
    if (found.length > limit) break
  }
  const data = found.slice(0, limit)
  if (isBackwards) data.reverse()
  return {
    object: 'list',
    data: data.map((document) => show?.(document) ?? tx.present(kind, document.id)),
    has_more: found.length > limit,
    url,
  }
}

/** An index gives its documents oldest first; a page wants what lies beyond the cursor in its own direction. */
function beyondCursor<K extends Kind>(
  tx: Transaction,
  kind: K,
  documents: readonly Documents[K][],
  { starting_after: startingAfter, ending_before: endingBefore }: PageParams,
): readonly Documents[K][] {
  const order = (id: string): number => tx.orderOf(kind, id)
  if (endingBefore !== undefined) {
    return documents.filter(({ id }) => order(id) > order(endingBefore))
  }
  const remaining =
    startingAfter === undefined
      ? documents
      : documents.filter(({ id }) => order(id) < order(startingAfter))
  return remaining.toReversed()
}

/** The list inside another object: its first page only, as Stripe embeds it. */
export function embeddedList<T>(values: readonly T[], url: string): List<T> {
  return {
    object: 'list',
    data: values.slice(0, DEFAULT_LIMIT),
    has_more: values.length > DEFAULT_LIMIT,
    url,
  }
}

/** A list of values that are not documents of their own, already in the order they are shown. */
export function pageOf(
  values: readonly { readonly id: string }[],
  { url, params }: { readonly url: string; readonly params: PageParams },
): Page {
  const { limit = DEFAULT_LIMIT } = params
  const after = values.findIndex(({ id }) => id === params.starting_after)
  const before = values.findIndex(({ id }) => id === params.ending_before)
  const window =
    params.ending_before === undefined
      ? values.slice(after + 1)
      : values.slice(Math.max(0, before - limit), Math.max(0, before))
  const hasMore =
    params.ending_before === undefined ? window.length > limit : before > window.length
  return { object: 'list', data: window.slice(0, limit), has_more: hasMore, url }
}

/** What no listing takes, whatever it lists; checked for all of them before anything is looked up. */
export function checkPaging(params: Readonly<Record<string, unknown>>): void {
  const { limit = DEFAULT_LIMIT } = params
  if (typeof limit === 'number' && (limit < 1 || limit > MAX_LIMIT)) {
    const bound = limit < 1 ? 'greater than or equal to 1' : `less than or equal to ${MAX_LIMIT}`
    throw invalidRequest({
      code: 'parameter_invalid_integer',
      message: `This value must be ${bound}; got ${limit}.`,
      param: 'limit',
    })
  }
  if (params['starting_after'] !== undefined && params['ending_before'] !== undefined) {
    throw exclusiveParameters('starting_after', 'ending_before')
  }
}

/** `created=…` or `created[gte]=…` and the like. */
export function isInRange(value: number, range: number | Range | undefined): boolean {
  if (range === undefined) return true
  if (typeof range === 'number') return value === range
  return (
    (range.gt === undefined || value > range.gt) &&
    (range.gte === undefined || value >= range.gte) &&
    (range.lt === undefined || value < range.lt) &&
    (range.lte === undefined || value <= range.lte)
  )
}

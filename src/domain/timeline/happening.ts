import type { Instant } from '../../kit/instant.ts'
import { decodeCursor, encodeCursor, type TimePage } from '../../kit/page.ts'
import type { AuditEntry } from '../audit/entry.ts'
import type { Notification } from '../notifications/notification.ts'
import type { RecordedAttempt } from '../payments/payment.ts'
import type { InboxEvent } from '../webhooks/inbox-event.ts'

/** From effect to cause: at one instant, the later of them is the newer. */
const SOURCES = ['mail', 'audit', 'attempt', 'event'] as const
export type Source = (typeof SOURCES)[number]

/** Something that happened to a customer, as its source keeps it. */
export type Happening = {
  readonly at: Instant
  /** Where it stands in its source among what happened at the same instant. */
  readonly key: string
} & (
  | { readonly source: 'mail'; readonly mail: Notification }
  | { readonly source: 'audit'; readonly entry: AuditEntry }
  | { readonly source: 'attempt'; readonly attempt: RecordedAttempt }
  | { readonly source: 'event'; readonly event: InboxEvent }
)

type Position = Pick<Happening, 'at' | 'source' | 'key'>

/** What a source has, newest first, is kept in its order; of all sources the newest make the page. */
export function mergeNewest(
  sources: readonly (readonly Happening[])[],
  limit: number,
): { readonly data: readonly Happening[]; readonly nextCursor: string | null } {
  const all = sources.flat().toSorted(newestFirst)
  const data = all.slice(0, limit)
  const last = data.at(-1)
  return { data, nextCursor: all.length > limit && last ? toCursor(last) : null }
}

/** Sorting is stable: what one source has at one instant stays as the source has it. */
function newestFirst(a: Happening, b: Happening): number {
  return b.at - a.at || SOURCES.indexOf(a.source) - SOURCES.indexOf(b.source)
}

function toCursor({ at, source, key }: Position): string {
  return encodeCursor(`${at} ${source} ${key}`)
}

const CURSOR = /^(\d{1,15}) (?:(audit) (\d{1,18})|(mail|attempt|event) (\w+))$/

export function readCursor(cursor: string): Position {
  const parts = CURSOR.exec(decodeCursor(cursor, CURSOR)) ?? []
  const [, at, audit, position, source = audit, key = position] = parts
  return { at: Number(at), source: source as Source, key: key ?? '' }
}

/** Where a source goes on after a page that ended there: sources that are newer at that instant have told all of it. */
export function resumeAt(source: Source, last: Position | undefined): TimePage['before'] {
  if (last === undefined) return undefined
  const { at, key } = last
  if (source === last.source) return { at, key }
  const hasTold = SOURCES.indexOf(source) < SOURCES.indexOf(last.source)
  return { at: hasTold ? at : at + 1, key: null }
}

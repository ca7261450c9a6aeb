import { html, type Html } from '../pages/html.ts'
import type { ScreenCall } from './call.ts'

export const PAGE_SIZE = 25

/** A part of a list, newest first. */
export interface Page<T> {
  readonly entries: readonly T[]
  /** The first and the last of it; null at the list's ends. */
  readonly newer: string | null
  readonly older: string | null
}

interface Source<T> {
  newestFirst(below?: string): Iterable<T>
  oldestFirst(above?: string): Iterable<T>
}

/** The part that the address asks for by `before` and `after` an id; pages neither repeat nor skip while others come. */
export function pageOf<T extends { readonly id: string }>(
  { query }: ScreenCall,
  source: Source<T>,
  matches: (entry: T) => boolean = () => true,
): Page<T> {
  const after = query.get('after') ?? undefined
  const before = query.get('before') ?? undefined
  if (before !== undefined) {
    const found = take(source.oldestFirst(before), matches)
    const entries = found.slice(0, PAGE_SIZE).toReversed()
    return {
      entries,
      newer: found.length > PAGE_SIZE ? (entries[0]?.id ?? null) : null,
      older: entries.at(-1)?.id ?? null,
    }
  }
  const found = take(source.newestFirst(after), matches)
  const entries = found.slice(0, PAGE_SIZE)
  return {
    entries,
    newer: after === undefined ? null : (entries[0]?.id ?? null),
    older: found.length > PAGE_SIZE ? (entries.at(-1)?.id ?? null) : null,
  }
}

/** One more than fits, to see whether there is more. */
function take<T>(source: Iterable<T>, matches: (entry: T) => boolean): readonly T[] {
  const found: T[] = []
  for (const entry of source) {
    if (!matches(entry)) continue
    found.push(entry)
    if (found.length > PAGE_SIZE) break
  }
  return found
}

/** The pages of a list that is at hand, newest first. */
export function pageOfArray<T extends { readonly id: string }>(
  call: ScreenCall,
  newestFirst: readonly T[],
): Page<T> {
  const indexOf = (id: string | undefined): number => newestFirst.findIndex((one) => one.id === id)
  return pageOf(call, {
    newestFirst: (below) => newestFirst.slice(indexOf(below) + 1),
    oldestFirst: (above) => newestFirst.slice(0, Math.max(0, indexOf(above))).toReversed(),
  })
}

export function pageLinks({ incoming, query }: ScreenCall, { newer, older }: Page<unknown>): Html {
  if (newer === null && older === null) return html``
  const to = (name: string, id: string): string => {
    const next = new URLSearchParams(query)
    for (const cursor of ['after', 'before', 'notice']) next.delete(cursor)
    next.set(name, id)
    return `${incoming.path}?${next.toString()}`
  }
  return html`<nav class="pages" aria-label="Pages">
    ${newer === null ? html`<span></span>` : html`<a class="button plain" href="${to('before', newer)}">← Newer</a>`}
    ${older === null ? html`<span></span>` : html`<a class="button plain" href="${to('after', older)}">Older →</a>`}
  </nav>`
}

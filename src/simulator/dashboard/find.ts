import { html } from '../pages/html.ts'
import { redirect } from '../pages/layout.ts'
import type { Kind } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { link, read, type Screen, type ScreenCall } from './call.ts'
import { GROUPS, pluralOf } from './kinds.ts'
import { idLinks } from './links.ts'
import { objectTable } from './objects.ts'
import { screen } from './shell.ts'
import { summarize, type Summary } from './summary.ts'

export const findScreens: readonly Screen[] = [{ method: 'GET', path: '/find', show: find }]

/** As many of each kind as are shown, and as many as are looked at. */
const MAX_FOUND = 10
const MAX_SCANNED = 5_000

/** An id leads to its object at once; other words are looked for in names, emails, numbers and codes. */
function find(call: ScreenCall): Answer {
  const words = call.query.get('q')?.trim() ?? ''
  const address = idLinks(call)(words)
  if (address !== undefined) return redirect(address)
  const found = words === '' ? [] : search(call, words.toLowerCase())
  return screen(call, {
    title: words === '' ? 'Find' : `Found for “${words}”`,
    body:
      found.length === 0
        ? html`<div class="empty">
            <p>
              Nothing of this account has this id, or a name, an email, a number or a code like it.
            </p>
            <p><a href="${link(call, '/all')}">See all objects</a></p>
          </div>`
        : html`${found.map(
            ([kind, rows]) =>
              html`<h2>${pluralOf(kind)}</h2>
                ${objectTable(call, kind, rows)}`,
          )}`,
  })
}

function search(call: ScreenCall, words: string): readonly (readonly [Kind, Summary[]])[] {
  const { tables } = call.running.realm
  return GROUPS.flatMap(({ kinds }) =>
    kinds.flatMap(([kind]): [Kind, Summary[]][] => {
      const ids: string[] = []
      let scanned = 0
      for (const object of tables[kind].newestFirst()) {
        scanned += 1
        if (scanned > MAX_SCANNED || ids.length === MAX_FOUND) break
        if (mentions(object, words)) ids.push(object.id)
      }
      if (ids.length === 0) return []
      return [[kind, read(call, (tx) => ids.map((id) => summarize(tx, kind, id)))]]
    }),
  )
}

const SEARCHED = ['id', 'name', 'email', 'number', 'code', 'lookup_key', 'nickname', 'description']

function mentions(object: object, words: string): boolean {
  const fields = object as Readonly<Record<string, unknown>>
  return SEARCHED.some((name) => {
    const value = fields[name]
    return typeof value === 'string' && value.toLowerCase().includes(words)
  })
}

import { formatInstant } from '../../kit/instant.ts'
import { escape, type Html } from '../pages/html.ts'

/** Where an id in the text leads; undefined for what is no id of this account. */
export type FindLink = (id: string) => string | undefined

const ID = /^[a-z][a-z0-9]*_[A-Za-z0-9_]{6,}$/
const TIME_FIELD =
  /(?:^created$|_at$|_on$|^start$|^end$|_start$|_end$|_time$|^timestamp$|_anchor$|_until$|^due_date$|^due_by$|_date$)/

/** JSON as people read it: indented, ids as links, times with their date when pointed at. */
export function jsonView(value: unknown, findLink: FindLink): Html {
  return { html: `<pre class="json" tabindex="0">${show(value, '', '', findLink)}</pre>` }
}

function show(value: unknown, field: string, indent: string, findLink: FindLink): string {
  if (value === null || value === undefined) return span('z', 'null')
  if (typeof value === 'string') return showText(value, findLink)
  if (typeof value === 'number') return showNumber(value, field)
  if (typeof value === 'boolean') return span('k', String(value))
  const deeper = `${indent}  `
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]'
    const entries = value.map((entry) => `${deeper}${show(entry, field, deeper, findLink)}`)
    return `[\n${entries.join(',\n')}\n${indent}]`
  }
  const fields = Object.entries(value)
  if (fields.length === 0) return '{}'
  const lines = fields.map(
    ([name, entry]) =>
      `${deeper}<b>${escape(JSON.stringify(name))}</b>: ${show(entry, name, deeper, findLink)}`,
  )
  return `{\n${lines.join(',\n')}\n${indent}}`
}

function showText(text: string, findLink: FindLink): string {
  const quoted = escape(JSON.stringify(text))
  const address = ID.test(text) ? findLink(text) : undefined
  return address === undefined ? span('s', quoted) : `<a href="${escape(address)}">${quoted}</a>`
}

function showNumber(value: number, field: string): string {
  // Between 2001 and 2286: what else such a number may be, it is a time as well.
  const isTime = TIME_FIELD.test(field) && value >= 1e9 && value < 1e10
  return isTime
    ? `<span class="n" title="${formatInstant(value * 1_000)}">${value}</span>`
    : span('n', String(value))
}

function span(kind: string, text: string): string {
  return `<span class="${kind}">${text}</span>`
}

import { html, type Html } from '../pages/html.ts'
import type { Documents, Kind } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { read, type Screen, type ScreenCall } from './call.ts'
import { eventTable } from './events.ts'
import { jsonView } from './json-view.ts'
import { idLinks, objectLink } from './links.ts'
import { isShown, kindOfId, nameOf, pluralOf, referencesTo } from './kinds.ts'
import { unknownScreen } from './not-found.ts'
import { objectActions, objectRoutes } from './object-actions.ts'
import { objectTable } from './objects.ts'
import { screen } from './shell.ts'
import { summarize } from './summary.ts'
import { stateBadge } from './text.ts'

export const singleObjectScreens: readonly Screen[] = [
  { method: 'GET', path: '/objects/{kind}/{id}', show: showObject },
  ...objectRoutes,
]

/** As many of each kind as an object's page lists. */
const MAX_RELATED = 8

function showObject(call: ScreenCall): Answer {
  const { kind = '', id = '' } = call.names
  const { tables } = call.running.realm
  if (!isShown(kind) || tables[kind].get(id) === undefined) return unknownScreen(call)
  const { object, summary } = read(call, (tx) => ({
    object: tx.present(kind, id) as Readonly<Record<string, unknown>>,
    summary: summarize(tx, kind, id),
  }))
  const events = tables.event.where('inner.objectId', id).toReversed().slice(0, MAX_RELATED)
  const badges = html`${summary.status === null ? '' : stateBadge(summary.status)}
  ${summary.amount === null ? '' : html`<strong>${summary.amount}</strong>`}`
  return screen(call, {
    title: `${nameOf(kind)}${summary.label === null ? '' : ` ${summary.label}`}`,
    crumb: { path: `/objects/${kind}`, text: pluralOf(kind) },
    aside: html`<div class="head">${badges}</div>`,
    subtitle: html`<code class="soft">${id}</code>`,
    body: html`${objectActions(call, kind, id)}
      <div class="two">
        <div class="gap">
          ${leadsTo(call, object)} ${related(call, kind, id)}
          ${
            events.length === 0
              ? ''
              : html`<h2>Events</h2>
                  ${eventTable(call, events)}`
          }
        </div>
        <div class="gap">
          <h2>As the API shows it</h2>
          ${jsonView(object, idLinks(call))}
        </div>
      </div>`,
  })
}

/** The objects that this one names, and its pages for people. */
function leadsTo(call: ScreenCall, object: Readonly<Record<string, unknown>>): Html {
  const { tables } = call.running.realm
  const rows: Html[] = []
  for (const [name, value] of Object.entries(object)) {
    if (typeof value !== 'string' || name === 'id') continue
    const kind = /^[a-z0-9]+_/.test(value) ? kindOfId(tables, value) : undefined
    const shown =
      kind !== undefined
        ? objectLink(call, kind, value)
        : isOwnPage(call, value)
          ? html`<a href="${value}">${value}</a>`
          : undefined
    if (shown === undefined) continue
    rows.push(
      html`<dt>${name.replaceAll('_', ' ')}</dt>
        <dd>${shown}</dd>`,
    )
  }
  return rows.length === 0
    ? html``
    : html`<h2>Leads to</h2>
        <div class="card"><dl class="facts">${rows}</dl></div>`
}

function isOwnPage({ parts }: ScreenCall, value: string): boolean {
  return value.startsWith(`${parts.url}/`)
}

function related(call: ScreenCall, kind: Kind, id: string): readonly Html[] {
  const { tables } = call.running.realm
  return referencesTo(tables, kind, id).map(({ kind: other, objects }) => {
    const newest = objects.toReversed().slice(0, MAX_RELATED)
    const rows = read(call, (tx) =>
      newest.map((object: Documents[Kind]) => summarize(tx, other, object.id)),
    )
    const more = objects.length - newest.length
    return html`<h2>${pluralOf(other)} <small>${objects.length}</small></h2>
      ${objectTable(call, other, rows, { isOfOneCustomer: kind === 'customer' })}
      ${more === 0 ? '' : html`<p class="soft">${more} older ones are not shown.</p>`}`
  })
}

import { html, type Html } from '../pages/html.ts'
import type { Kind } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { link, type Screen, type ScreenCall } from './call.ts'
import { eventTable } from './events.ts'
import { pluralOf } from './kinds.ts'
import { requestTable } from './requests.ts'
import { screen } from './shell.ts'
import { plural } from './text.ts'
import { accountClock } from './time.ts'
import { connectHelp } from './connect.ts'

export const overviewScreens: readonly Screen[] = [{ method: 'GET', path: '', show: showOverview }]

const COUNTED: readonly Kind[] = [
  'customer',
  'subscription',
  'invoice',
  'payment_intent',
  'dispute',
  'event',
]
const LATEST = 8

function showOverview(call: ScreenCall): Answer {
  const { realm, requests } = call.running
  const { tables } = realm
  const events = [...tables.event.newestFirst()].slice(0, LATEST)
  const calls = requests.list().slice(0, LATEST)
  const isNew = events.length === 0 && calls.length === 0
  return screen(call, {
    title: 'Overview',
    aside: html`<code class="soft">${call.facts.accountId}</code>`,
    body: html`${warnings(call)}
      <div class="counts">
        ${COUNTED.map((kind) => {
          const path = kind === 'event' ? '/events' : `/objects/${kind}`
          const text = kind === 'event' ? 'Events' : pluralOf(kind)
          return html`<a class="count" href="${link(call, path)}"
            ><b>${tables[kind].size}</b><span>${text}</span></a
          >`
        })}
      </div>
      <div class="card">${accountClock(call)}</div>
      ${isNew ? connectHelp(call.parts.url) : ''}
      <div class="two">
        <div class="gap">
          <h2>Latest events</h2>
          ${events.length === 0 ? html`<div class="empty"><p>Nothing has happened yet.</p></div>` : eventTable(call, events)}
        </div>
        <div class="gap">
          <h2>Latest requests</h2>
          ${calls.length === 0 ? html`<div class="empty"><p>No call since the simulator was started.</p></div>` : requestTable(call, calls)}
        </div>
      </div>`,
  })
}

/** What is arranged to go wrong, said where nobody can overlook it. */
function warnings(call: ScreenCall): Html {
  const { callFaults, webhookFaults, realm } = call.running
  const { held, faults, reordering } = webhookFaults.show()
  const arranged = callFaults.show().length + faults.length + (reordering === null ? 0 : 1)
  const declines = realm.tables.ordered_decline.size
  const lines = [
    ...(held ? [html`<a href="${link(call, '/webhooks')}">Webhooks are held.</a>`] : []),
    ...(arranged > 0
      ? [html`<a href="${link(call, '/faults')}">${plural(arranged, 'fault')} arranged.</a>`]
      : []),
    ...(declines > 0
      ? [html`<a href="${link(call, '/outcomes')}">The next payments will fail.</a>`]
      : []),
  ]
  return lines.length === 0
    ? html``
    : html`<p class="notice warn">${lines.map((line) => html`${line} `)}</p>`
}

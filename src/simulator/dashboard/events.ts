import { html, type Html } from '../pages/html.ts'
import type { Documents } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, link, read, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { deliveryTable, stateOf } from './deliveries.ts'
import { jsonView } from './json-view.ts'
import { kindOfId } from './kinds.ts'
import { unknownScreen } from './not-found.ts'
import { idLinks, objectLink } from './links.ts'
import { pageLinks, pageOf } from './paging.ts'
import { requireAnswer } from './results.ts'
import { screen } from './shell.ts'
import { showShortTime, showTime, stateBadge } from './text.ts'

type Event = Documents['event']

export const eventScreens: readonly Screen[] = [
  { method: 'GET', path: '/events', show: showEvents },
  { method: 'GET', path: '/events/{id}', show: showEvent },
  { method: 'POST', path: '/events/{id}/resend', act: resend },
]

function showEvents(call: ScreenCall): Answer {
  const { tables } = call.running.realm
  const wanted = call.query.get('type')?.trim() ?? ''
  const page = pageOf<Event>(
    call,
    tables.event,
    ({ type }) => wanted === '' || type.startsWith(wanted.replace(/\*$/, '')),
  )
  return screen(call, {
    title: 'Events',
    aside: html`<datalist id="types">
        ${knownTypes(tables.event).map((type) => html`<option value="${type}"></option>`)}
      </datalist>
      <form class="action" method="get">
        ${labelled('Type begins with', html`<input type="search" name="type" value="${wanted}" placeholder="invoice." list="types" />`)}
        <button class="plain">Filter</button>
      </form>`,
    body: html`${page.entries.length === 0 ? nothing(wanted) : eventTable(call, page.entries)}
    ${pageLinks(call, page)}`,
  })
}

/** As many of the latest events as are looked at for their types. */
const MAX_SCANNED = 1_000

function knownTypes(events: { newestFirst(): Iterable<Event> }): readonly string[] {
  const types = new Set<string>()
  let scanned = 0
  for (const { type } of events.newestFirst()) {
    scanned += 1
    if (scanned > MAX_SCANNED) break
    types.add(type)
  }
  return [...types].toSorted((a, b) => a.localeCompare(b))
}

function nothing(wanted: string): Html {
  return html`<div class="empty">
    <p>${wanted === '' ? 'Nothing has happened yet.' : `No event begins with ${wanted}.`}</p>
  </div>`
}

export function eventTable(call: ScreenCall, events: readonly Event[]): Html {
  const { tables } = call.running.realm
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Event</th>
          <th scope="col">About</th>
          <th scope="col" class="fit">Deliveries</th>
          <th scope="col" class="fit">Created</th>
        </tr>
      </thead>
      <tbody>
        ${events.map((event) => {
          const about = event.inner.objectId
          const kind = about === null ? undefined : kindOfId(tables, about)
          return html`<tr>
            <td><a href="${link(call, `/events/${event.id}`)}">${event.type}</a></td>
            <td>
              ${kind === undefined ? html`<code class="soft">${about}</code>` : objectLink(call, kind, about ?? '')}
            </td>
            <td class="fit">${deliveryStates(call, event.id)}</td>
            <td class="fit">${showShortTime(event.created)}</td>
          </tr>`
        })}
      </tbody>
    </table>
  </div>`
}

function deliveryStates(call: ScreenCall, event: string): Html {
  const states = call.running.realm.tables.delivery.where('event', event).map(stateOf)
  if (states.length === 0) return html`<small>nobody listens</small>`
  return html`${[...new Set(states)].map((state) => {
    const count = states.filter((other) => other === state).length
    return html`${count > 1 ? `${count} ` : ''}${stateBadge(state)} `
  })}`
}

function showEvent(call: ScreenCall): Answer {
  const id = call.names['id'] ?? ''
  const { tables } = call.running.realm
  const event = tables.event.get(id)
  if (event === undefined) return unknownScreen(call)
  const shown = read(call, (tx) => tx.present('event', id))
  const deliveries = tables.delivery.where('event', id).toReversed()
  const links = idLinks(call)
  const request = event.request?.id ?? null
  const requestLink = request === null ? undefined : links(request)
  const about = event.inner.objectId
  const kind = about === null ? undefined : kindOfId(tables, about)
  return screen(call, {
    title: event.type,
    crumb: { path: '/events', text: 'Events' },
    aside: resendForm(call, id),
    body: html`<dl class="facts">
        <dt>Id</dt>
        <dd><code>${id}</code></dd>
        <dt>Created</dt>
        <dd>${showTime(event.created)}</dd>
        <dt>About</dt>
        <dd>
          ${kind === undefined ? html`<code>${about ?? 'what is not stored'}</code>` : objectLink(call, kind, about ?? '')}
        </dd>
        <dt>Caused by</dt>
        <dd>
          ${
            request === null
              ? 'time, or something outside the API'
              : requestLink === undefined
                ? html`<code>${request}</code>`
                : html`<a href="${requestLink}"><code>${request}</code></a>`
          }
        </dd>
      </dl>
      <div class="two">
        <div class="gap">
          <h2>Deliveries</h2>
          ${deliveries.length === 0 ? undelivered(call) : deliveryTable(call, deliveries, { withEvent: false })}
        </div>
        <div class="gap">
          <h2>Payload</h2>
          ${jsonView(shown, links)}
        </div>
      </div>`,
  })
}

function undelivered(call: ScreenCall): Html {
  return html`<div class="empty">
    <p>Nobody listened when this happened.</p>
    <p>
      <a href="${link(call, '/webhooks')}">Add a webhook endpoint</a> or run
      <code>stripe listen</code>.
    </p>
  </div>`
}

function resendForm(call: ScreenCall, id: string): Html {
  const { realm, listeners } = call.running
  const endpoints = [...realm.tables.webhook_endpoint.newestFirst()]
  const clis = listeners.connected().length
  if (endpoints.length === 0 && clis === 0) return html``
  return actionForm(
    call,
    `/events/${id}/resend`,
    html`${labelled(
        'To',
        html`<select name="to">
          ${endpoints.length > 1 ? html`<option value="all">all ${endpoints.length} endpoints</option>` : ''}
          ${endpoints.map(({ id: endpoint, url }) => html`<option value="${endpoint}">${url}</option>`)}
          ${clis === 0 ? '' : html`<option value="cli">Stripe CLI</option>`}
        </select>`,
      )} <button>Resend</button>`,
  )
}

async function resend(call: ScreenCall): Promise<Done> {
  const id = call.names['id'] ?? ''
  const to = entered(call, 'to') ?? 'all'
  const params =
    to === 'cli' ? { for_stripecli: 'true' } : to === 'all' ? undefined : { webhook_endpoint: to }
  const { realm, dispatcher } = call.running
  requireAnswer(await call.parts.api(realm, 'POST', `/v1/events/${id}/retry`, params))
  await settled(dispatcher.whenIdle())
  return { text: 'The event was sent once more; its delivery is below.' }
}

const SOON_MS = 1_500

/** Waits a moment, so that the page that follows shows how it went. */
async function settled(work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const soon = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, SOON_MS)
  })
  await Promise.race([work, soon])
  clearTimeout(timer)
}

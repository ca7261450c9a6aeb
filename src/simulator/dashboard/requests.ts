import { html, type Html } from '../pages/html.ts'
import type { KeptCall } from '../control/request-log.ts'
import type { Documents } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { parseForm, type Raw } from '../wire/form.ts'
import { link, type Screen, type ScreenCall } from './call.ts'
import { eventTable } from './events.ts'
import { jsonView } from './json-view.ts'
import { idLinks } from './links.ts'
import { unknownScreen } from './not-found.ts'
import { pageLinks, pageOfArray } from './paging.ts'
import { screen } from './shell.ts'
import { showShortTime, showTime, statusBadge } from './text.ts'

export const requestScreens: readonly Screen[] = [
  { method: 'GET', path: '/requests', show: showRequests },
  { method: 'GET', path: '/requests/{id}', show: showRequest },
]

const FILTERS: readonly (readonly [string, string, (call: KeptCall) => boolean])[] = [
  ['', 'All', () => true],
  ['writing', 'Writing', ({ method }) => method !== 'GET'],
  ['failed', 'Failed', ({ status }) => status >= 400],
]

function showRequests(call: ScreenCall): Answer {
  const chosen = call.query.get('only') ?? ''
  const filter = FILTERS.find(([name]) => name === chosen)
  const page = pageOfArray(
    call,
    call.running.requests.list().filter((kept) => filter?.[2](kept) ?? true),
  )
  return screen(call, {
    title: 'Requests',
    aside: html`<p class="filters">
      ${FILTERS.map(
        ([name, text]) =>
          html`<a
            href="${link(call, name === '' ? '/requests' : `/requests?only=${name}`)}"
            ${{ html: name === chosen ? 'aria-current="true"' : '' }}
            >${text}</a
          >`,
      )}
    </p>`,
    body: html`${
      page.entries.length === 0
        ? html`<div class="empty">
            <p>No such call yet.</p>
            <p>The latest 500 calls with a key of this account are kept here.</p>
          </div>`
        : requestTable(call, page.entries)
    }
    ${pageLinks(call, page)}`,
  })
}

export function requestTable(call: ScreenCall, calls: readonly KeptCall[]): Html {
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col" class="fit">Status</th>
          <th scope="col">Call</th>
          <th scope="col" class="fit number">Took</th>
          <th scope="col" class="fit">At</th>
        </tr>
      </thead>
      <tbody>
        ${calls.map(
          ({ id, status, method, path, durationMs, at }) =>
            html`<tr>
              <td class="fit">${statusBadge(status)}</td>
              <td>
                <span class="verb">${method}</span>
                <a href="${link(call, `/requests/${id}`)}"><code class="path">${path}</code></a>
              </td>
              <td class="fit number">${durationMs} ms</td>
              <td class="fit">${showShortTime(at / 1_000)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function showRequest(call: ScreenCall): Answer {
  const found = call.running.requests.find(call.names['id'] ?? '')
  if (found === undefined) return unknownScreen(call)
  const links = idLinks(call)
  const caused = causedBy(call, found.id)
  return screen(call, {
    title: `${found.method} ${found.path}`,
    crumb: { path: '/requests', text: 'Requests' },
    aside: statusBadge(found.status),
    body: html`<dl class="facts">
        <dt>Id</dt>
        <dd><code>${found.id}</code></dd>
        <dt>At</dt>
        <dd>${showTime(found.at / 1_000)}, answered in ${found.durationMs} ms</dd>
        <dt>Idempotency key</dt>
        <dd>
          ${found.idempotencyKey === null ? 'none' : html`<code>${found.idempotencyKey}</code>`}
        </dd>
      </dl>
      ${
        caused.length === 0
          ? ''
          : html`<h2>Events it caused</h2>
              ${eventTable(call, caused)}`
      }
      <div class="two">
        <div class="gap">
          <h2>Parameters</h2>
          ${jsonView(parametersOf(found), links)}
        </div>
        <div class="gap">
          <h2>Answer</h2>
          ${answerView(found.answer, links)}
        </div>
      </div>`,
  })
}

/** As many events as are looked at for those of one call. */
const MAX_SCANNED = 5_000

function causedBy(call: ScreenCall, request: string): readonly Documents['event'][] {
  const found: Documents['event'][] = []
  let scanned = 0
  for (const event of call.running.realm.tables.event.newestFirst()) {
    scanned += 1
    if (scanned > MAX_SCANNED) break
    if (event.request?.id === request) found.push(event)
  }
  return found
}

function parametersOf({ query, body, path }: KeptCall): Readonly<Record<string, Raw>> {
  const fromQuery = parseForm(query)
  if (!path.startsWith('/v2/')) return { ...fromQuery, ...parseForm(body) }
  return { ...fromQuery, ...(parseJson(body) as Readonly<Record<string, Raw>> | undefined) }
}

/** Long answers are kept in part, which is no JSON any more. */
function answerView(answer: string, links: (id: string) => string | undefined): Html {
  const value = parseJson(answer)
  return value === undefined ? html`<pre class="json">${answer}</pre>` : jsonView(value, links)
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

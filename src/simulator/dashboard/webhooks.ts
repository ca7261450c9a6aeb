import { html, type Html } from '../pages/html.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { deliveryTable } from './deliveries.ts'
import { objectLink } from './links.ts'
import { pageLinks, pageOf } from './paging.ts'
import { requireAnswer } from './results.ts'
import { screen } from './shell.ts'
import { plural, stateBadge } from './text.ts'

export const webhookScreens: readonly Screen[] = [
  { method: 'GET', path: '/webhooks', show: showWebhooks },
  { method: 'POST', path: '/webhooks', act: addEndpoint },
  { method: 'POST', path: '/webhooks/hold', act: hold },
  { method: 'POST', path: '/webhooks/release', act: release },
  { method: 'POST', path: '/webhooks/flush', act: flush },
]

function showWebhooks(call: ScreenCall): Answer {
  const { realm, webhookFaults } = call.running
  const waiting = realm.tables.delivery.where('state', 'pending').length
  const { held } = webhookFaults.show()
  const wanted = call.query.get('state') ?? ''
  const page = pageOf(call, realm.tables.delivery, ({ state }) => wanted === '' || state === wanted)
  return screen(call, {
    title: 'Webhooks',
    aside: html`<div class="actions">
      ${
        held
          ? actionForm(call, '/webhooks/release', html`<button>Release what is held</button>`)
          : actionForm(call, '/webhooks/hold', html`<button class="plain">Hold all</button>`)
      }
      ${waiting === 0 ? '' : actionForm(call, '/webhooks/flush', html`<button class="plain">Send ${waiting} waiting now</button>`)}
    </div>`,
    body: html`${held ? html`<p class="notice warn">Webhooks are held: they pile up until you release or send them.</p>` : ''}
      ${endpoints(call)} ${listeners(call)}
      <div class="card">
        <h2>New endpoint</h2>
        ${actionForm(
          call,
          '/webhooks',
          html`${labelled('Address', html`<input type="url" name="url" required placeholder="http://localhost:3000/webhooks" />`)}
            ${labelled('Events', html`<input type="text" name="events" placeholder="invoice.paid, customer.created" />`, { hint: 'all when empty, else types with commas between' })}
            <button class="plain">Add</button>`,
        )}
      </div>
      <div class="spread">
        <h2>Deliveries</h2>
        <form class="action" method="get">
          ${labelled(
            'State',
            html`<select name="state">
              ${['', 'pending', 'delivered', 'failed', 'dropped'].map(
                (state) =>
                  html`<option value="${state}" ${{ html: state === wanted ? 'selected' : '' }}>
                    ${state === '' ? 'all' : state}
                  </option>`,
              )}
            </select>`,
          )}
          <button class="plain">Filter</button>
        </form>
      </div>
      ${page.entries.length === 0 ? html`<div class="empty"><p>No such delivery yet.</p></div>` : deliveryTable(call, page.entries, { withEvent: true })}
      ${pageLinks(call, page)}`,
  })
}

function endpoints(call: ScreenCall): Html {
  const found = [...call.running.realm.tables.webhook_endpoint.newestFirst()]
  if (found.length === 0) {
    return html`<div class="empty"><p>No endpoint gets events of this account.</p></div>`
  }
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Endpoint</th>
          <th scope="col">Signing secret</th>
          <th scope="col" class="fit">Events</th>
          <th scope="col" class="fit">Status</th>
        </tr>
      </thead>
      <tbody>
        ${found.map(
          ({ id, url, status, enabled_events: events, inner }) =>
            html`<tr>
              <td><code>${url}</code><br />${objectLink(call, 'webhook_endpoint', id)}</td>
              <td>${secretView(inner.secrets[0]?.value ?? '')}</td>
              <td class="fit">${events.includes('*') ? 'all' : plural(events.length, 'type')}</td>
              <td class="fit">${stateBadge(status)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

/** It guards nothing here, but habits are good to keep: shown when asked for. */
function secretView(secret: string): Html {
  return html`<details>
    <summary>Show</summary>
    <code class="whole">${secret}</code>
  </details>`
}

function listeners(call: ScreenCall): Html {
  const found = call.running.listeners.connected()
  if (found.length === 0) return html``
  return html`<h2>Connected Stripe CLIs</h2>
    <div class="table">
      <table>
        <thead>
          <tr>
            <th scope="col">Device</th>
            <th scope="col">Forwards to</th>
            <th scope="col">Signing secret</th>
          </tr>
        </thead>
        <tbody>
          ${found.map(
            ({ device, forwardsTo, secret }) =>
              html`<tr>
                <td>${device}</td>
                <td>
                  ${forwardsTo === null ? html`<small>prints only</small>` : html`<code>${forwardsTo}</code>`}
                </td>
                <td>${secretView(secret)}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`
}

async function addEndpoint(call: ScreenCall): Promise<Done> {
  const types = (entered(call, 'events') ?? '*').split(/[\s,]+/).filter((type) => type !== '')
  const params = {
    url: entered(call, 'url') ?? '',
    ...Object.fromEntries(types.map((type, index) => [`enabled_events[${index}]`, type])),
  }
  requireAnswer(await call.parts.api(call.running.realm, 'POST', '/v1/webhook_endpoints', params))
  return { text: 'The endpoint gets events from now on.' }
}

async function hold(call: ScreenCall): Promise<Done> {
  await call.parts.control('POST', '/_sim/webhooks/hold', {}, [call.running])
  return { text: 'Webhooks are held from now on.' }
}

async function release(call: ScreenCall): Promise<Done> {
  await call.parts.control('POST', '/_sim/webhooks/release', {}, [call.running])
  return { text: 'What was held is on its way.' }
}

async function flush(call: ScreenCall): Promise<Done> {
  await call.parts.control('POST', '/_sim/flush', {}, [call.running])
  return { text: 'Everything that waited was sent.' }
}

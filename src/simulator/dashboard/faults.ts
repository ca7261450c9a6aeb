import { type ArrangedCallFault, FAULT_KINDS } from '../control/call-faults.ts'
import type { ArrangedFault } from '../control/webhook-faults.ts'
import { html, type Html } from '../pages/html.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { screen } from './shell.ts'
import { plural } from './text.ts'

export const faultScreens: readonly Screen[] = [
  { method: 'GET', path: '/faults', show: showFaults },
  { method: 'POST', path: '/faults/calls', act: breakCalls },
  { method: 'POST', path: '/faults/webhooks', act: breakWebhooks },
  { method: 'POST', path: '/faults/reorder', act: reorder },
  { method: 'POST', path: '/faults/clear', act: clear },
]

/** What each does, for those who have not met it. */
const KINDS: Readonly<Record<(typeof FAULT_KINDS)[number], string>> = {
  server_error: '500, an error inside Stripe',
  rate_limit: '429, too many requests',
  lock_timeout: '429, the object is locked',
  conflict: '409, the idempotency key is in use',
  delay: 'answers late',
  lost_request: 'the line is cut before the call takes effect',
  lost_response: 'the line is cut after it took effect',
}

function showFaults(call: ScreenCall): Answer {
  const { callFaults, webhookFaults } = call.running
  const calls = callFaults.show()
  const { faults, reordering, held } = webhookFaults.show()
  const isAnything = calls.length + faults.length > 0 || reordering !== null || held
  return screen(call, {
    title: 'Faults',
    aside: isAnything
      ? actionForm(call, '/faults/clear', html`<button>End all faults</button>`)
      : html``,
    body: html`<p class="soft">
        What goes wrong on purpose, for the next calls or deliveries that match and then no more.
        This dashboard itself is spared.
      </p>
      <div class="cards">
        <div class="card">
          <h2>API calls</h2>
          ${list(calls.map(describeCall))} ${callForm(call)}
        </div>
        <div class="card">
          <h2>Webhooks</h2>
          ${list([
            ...(held ? [html`All deliveries are held.`] : []),
            ...faults.map(describeDelivery),
            ...(reordering === null
              ? []
              : [
                  html`The next ${reordering.remaining} deliveries in another order,
                  ${reordering.window} at a time.`,
                ]),
          ])}
          ${deliveryForm(call)} ${reorderForm(call)}
        </div>
      </div>`,
  })
}

function list(lines: readonly Html[]): Html {
  return lines.length === 0
    ? html`<p class="soft">Nothing is arranged.</p>`
    : html`<ul class="timeline">
        ${lines.map((line) => html`<li>${line}</li>`)}
      </ul>`
}

function describeCall({ kind, method, path, remaining, delayMs }: ArrangedCallFault): Html {
  return html`<span
    >The next ${plural(remaining, 'call')} ${method === null ? '' : html`<code>${method}</code>`}
    ${path === null ? '' : html`<code>${path}</code>`}:
    ${KINDS[kind]}${delayMs > 0 ? `, ${delayMs} ms late` : ''}.</span
  >`
}

function describeDelivery({ events, remaining, fault }: ArrangedFault): Html {
  const what = [
    fault.isDropped ? 'dropped' : '',
    fault.copies > 1 ? `sent ${fault.copies} times` : '',
    fault.delayMs > 0 ? `${fault.delayMs} ms late` : '',
    fault.staleSeconds > 0 ? `signed ${fault.staleSeconds} s ago` : '',
    fault.hasWrongSecret ? 'signed with a wrong secret' : '',
  ].filter((text) => text !== '')
  return html`<span
    >The next ${plural(remaining, 'delivery', 'deliveries')}
    ${events === null ? '' : html`of <code>${events.join(', ')}</code>`}: ${what.join(', ')}.</span
  >`
}

function callForm(call: ScreenCall): Html {
  return actionForm(
    call,
    '/faults/calls',
    html`${labelled(
        'What happens',
        html`<select name="kind">
          ${FAULT_KINDS.map((kind) => html`<option value="${kind}">${KINDS[kind]}</option>`)}
        </select>`,
        { isWide: true },
      )}
      ${labelled(
        'Method',
        html`<select name="method">
          <option value="">any</option>
          <option>POST</option>
          <option>GET</option>
          <option>DELETE</option>
        </select>`,
      )}
      ${labelled('Path', html`<input type="text" name="path" placeholder="/v1/subscriptions/*" />`, { hint: '* for one part, ** for the rest' })}
      ${labelled('Next calls', html`<input type="number" name="next" value="1" min="1" max="10000" />`)}
      ${labelled('Delay', html`<input type="number" name="delay_ms" min="0" max="120000" placeholder="0" />`, { hint: 'ms' })}
      <button>Arrange</button>`,
    'grid',
  )
}

function deliveryForm(call: ScreenCall): Html {
  return actionForm(
    call,
    '/faults/webhooks',
    html`${labelled('Event types', html`<input type="text" name="events" placeholder="invoice.paid, customer.created" />`, { hint: 'all when empty', isWide: true })}
      <label
        >Next deliveries <input type="number" name="next" value="1" min="1" max="10000"
      /></label>
      ${labelled('Copies', html`<input type="number" name="copies" value="1" min="1" max="20" />`)}
      ${labelled('Delay', html`<input type="number" name="delay_ms" min="0" max="120000" placeholder="0" />`, { hint: 'ms' })}
      ${labelled('Signature’s age', html`<input type="number" name="stale_seconds" min="0" placeholder="0" />`, { hint: 's' })}
      <label class="check"><input type="checkbox" name="drop" /> drop</label>
      <label class="check"><input type="checkbox" name="wrong_secret" /> wrong secret</label>
      <button>Arrange</button>`,
    'grid',
  )
}

function reorderForm(call: ScreenCall): Html {
  return html`<hr class="rule" />
    ${actionForm(
      call,
      '/faults/reorder',
      html`${labelled('Shuffle the next', html`<input type="number" name="next" value="100" min="1" />`)}
        ${labelled('so many at a time', html`<input type="number" name="window" value="10" min="2" />`)}
        <button class="plain">Arrange</button>`,
    )}`
}

async function breakCalls(call: ScreenCall): Promise<Done> {
  await call.parts.control(
    'POST',
    '/_sim/faults/calls',
    filled(call, ['kind', 'method', 'path', 'next', 'delay_ms']),
    [call.running],
  )
  return { text: 'Arranged.' }
}

async function breakWebhooks(call: ScreenCall): Promise<Done> {
  const events = entered(call, 'events')
  const body = {
    ...filled(call, ['next', 'copies', 'delay_ms', 'stale_seconds']),
    ...(events === undefined ? {} : { events: events.split(/[\s,]+/) }),
    drop: call.form.has('drop'),
    wrong_secret: call.form.has('wrong_secret'),
  }
  await call.parts.control('POST', '/_sim/faults/webhooks', body, [call.running])
  return { text: 'Arranged.' }
}

async function reorder(call: ScreenCall): Promise<Done> {
  const body = filled(call, ['next', 'window'])
  await call.parts.control('POST', '/_sim/faults/webhooks/reorder', body, [call.running])
  return { text: 'Arranged.' }
}

async function clear(call: ScreenCall): Promise<Done> {
  await call.parts.control('POST', '/_sim/faults/clear', {}, [call.running])
  return { text: 'Nothing goes wrong on purpose any more.' }
}

/** The fields that were filled in. */
function filled(call: ScreenCall, names: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(
    names.flatMap((name) => {
      const value = entered(call, name)
      return value === undefined ? [] : [[name, value]]
    }),
  )
}

import { html, type Html } from '../pages/html.ts'
import type { Documents } from '../store/documents.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, read, type Screen, type ScreenCall } from './call.ts'
import { labelled } from './controls.ts'
import { objectLink } from './links.ts'
import { requireAnswer } from './results.ts'
import { screen } from './shell.ts'
import { showClockTime, showTime, stateBadge } from './text.ts'
import { advanceFields, advanceTarget } from './time-fields.ts'

type Clock = Documents['test_helpers.test_clock']

export const timeScreens: readonly Screen[] = [
  { method: 'GET', path: '/time', show: showTimes },
  { method: 'POST', path: '/time/account', act: moveAccount },
  { method: 'POST', path: '/time/frozen', act: freeze },
  { method: 'POST', path: '/time/clocks', act: createClock },
]

function showTimes(call: ScreenCall): Answer {
  const { tables } = call.running.realm
  const clocks = [...tables['test_helpers.test_clock'].newestFirst()]
  const { isLive } = call.facts
  return screen(call, {
    title: 'Time',
    body: html`<div class="card">${accountClock(call)}</div>
      <h2>Test clocks</h2>
      ${
        isLive
          ? html`<div class="empty"><p>Live mode has no test clocks, here as at Stripe.</p></div>`
          : html`${clocks.length === 0 ? none() : clockTable(call, clocks)}
              <div class="card">${creationForm(call)}</div>`
      }`,
  })
}

export function accountClock(call: ScreenCall): Html {
  const { now, isFrozen } = readClock(call)
  return html`<div class="spread">
      <div class="stack">
        <h2>Account clock</h2>
        <p class="soft">
          Everything that is on no test clock: renewals, retries, expiry, deliveries.
        </p>
      </div>
      <p>
        <strong>${showClockTime(now)}</strong>
        ${isFrozen ? html`<span class="badge">frozen</span>` : ''}
      </p>
    </div>
    ${actionForm(call, '/time/account', html`${advanceFields(now)}<button>Advance</button>`)}
    ${actionForm(
      call,
      '/time/frozen',
      isFrozen
        ? html`<button class="plain" name="frozen" value="false">Let time run again</button>`
        : html`<button class="plain" name="frozen" value="true">Freeze time here</button>`,
    )}`
}

function readClock(call: ScreenCall): { readonly now: number; readonly isFrozen: boolean } {
  return read(call, (tx) => ({
    now: tx.now(null),
    isFrozen: (tx.find('realm_clock', 'clock')?.frozenAt ?? null) !== null,
  }))
}

function none(): Html {
  return html`<div class="empty">
    <p>No test clocks yet.</p>
    <p>Customers made on one live in its time, apart from the account’s.</p>
  </div>`
}

function clockTable(call: ScreenCall, clocks: readonly Clock[]): Html {
  const { tables } = call.running.realm
  return html`<div class="table">
    <table>
      <thead>
        <tr>
          <th scope="col">Clock</th>
          <th scope="col" class="fit">Status</th>
          <th scope="col" class="fit">Stands at</th>
          <th scope="col" class="fit number">Customers</th>
          <th scope="col">Advance</th>
        </tr>
      </thead>
      <tbody>
        ${clocks.map(
          ({ id, name, status, frozen_time: at }) =>
            html`<tr>
              <td>${name ?? ''} ${objectLink(call, 'test_helpers.test_clock', id)}</td>
              <td class="fit">${stateBadge(status)}</td>
              <td class="fit">${showTime(at)}</td>
              <td class="fit number">${tables.customer.where('test_clock', id).length}</td>
              <td>
                ${
                  status === 'ready'
                    ? actionForm(
                        call,
                        `/objects/test_helpers.test_clock/${id}/advance`,
                        html`${advanceFields(at)}<button>Advance</button>`,
                      )
                    : html`<small>on its way; reload to see it arrive</small>`
                }
              </td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`
}

function creationForm(call: ScreenCall): Html {
  const { now } = readClock(call)
  const start = new Date(now * 1_000).toISOString().slice(0, 16)
  return html`<h2>New test clock</h2>
    ${actionForm(
      call,
      '/time/clocks',
      html`${labelled('Name', html`<input type="text" name="name" placeholder="Renewals" />`)}
        ${labelled('Starts at', html`<input type="datetime-local" name="to" value="${start}" required />`, { hint: 'UTC' })}
        <button class="plain">Create</button>`,
    )}`
}

async function moveAccount(call: ScreenCall): Promise<Done> {
  const { now, isFrozen } = readClock(call)
  const to = advanceTarget(call, now)
  await call.parts.control('POST', '/_sim/clock', { to, frozen: isFrozen }, [call.running])
  return { text: `It is ${showClockTime(to)}. Everything due until then is done.` }
}

async function freeze(call: ScreenCall): Promise<Done> {
  const frozen = entered(call, 'frozen') === 'true'
  await call.parts.control('POST', '/_sim/clock', { frozen }, [call.running])
  return { text: frozen ? 'Time stands still.' : 'Time runs again.' }
}

async function createClock(call: ScreenCall): Promise<Done> {
  const name = entered(call, 'name')
  const params = {
    frozen_time: String(advanceTarget(call, 0)),
    ...(name === undefined ? {} : { name }),
  }
  requireAnswer(
    await call.parts.api(call.running.realm, 'POST', '/v1/test_helpers/test_clocks', params),
  )
  return { text: 'The clock is there.' }
}

import { ControlError } from '../control/answers.ts'
import { html, type Html } from '../pages/html.ts'
import { DEFAULT_SETTINGS, type Settings, settingsOf } from '../store/settings.ts'
import type { Answer } from '../wire/http.ts'
import { actionForm, type Done, entered, read, type Screen, type ScreenCall } from './call.ts'
import { screen } from './shell.ts'

export const settingScreens: readonly Screen[] = [
  { method: 'GET', path: '/settings', show: showSettings },
  { method: 'POST', path: '/settings', act: change },
  { method: 'POST', path: '/settings/reset', act: reset },
]

type Name = keyof Settings

/** What a setting does, and for choices which there are. */
const TEXTS: Readonly<Record<Name, readonly [text: string, choices?: readonly string[]]>> = {
  businessName: ['Business name'],
  paymentRetrySeconds: ['Failed payments are tried again after so many seconds'],
  afterRetries: [
    'When retries are used up, the subscription becomes',
    ['cancel', 'unpaid', 'past_due', 'pause'],
  ],
  draftSeconds: ['A renewal’s draft stays open for so many seconds'],
  upcomingInvoiceDays: ['invoice.upcoming comes so many days ahead'],
  cancelsDisputedSubscriptions: ['A dispute cancels the subscription it is about'],
  webhookRetrySeconds: ['Failed webhooks are tried again after so many seconds'],
  meterLagMs: ['Meter events are looked at after so many milliseconds'],
  searchLagMs: ['New objects are found by search after so many milliseconds'],
  allowsRawCardNumbers: ['Card numbers are accepted over the API'],
  hasRateLimits: ['Stripe’s limits on calls per second apply'],
}

function showSettings(call: ScreenCall): Answer {
  const settings = read(call, settingsOf)
  const names = Object.keys(TEXTS) as Name[]
  return screen(call, {
    title: 'Settings',
    body: html`<div class="card">
        ${actionForm(
          call,
          '/settings',
          html`${names.map((name) => field(name, settings[name]))}<button>Save</button>`,
          'gap',
        )}
      </div>
      <h2>Start over</h2>
      <div class="card">
        <p>
          Forgets all objects, events, due work, time, settings and faults of this account in this
          mode.
        </p>
        ${actionForm(
          call,
          '/settings/reset',
          html`<label class="check">
              <input type="checkbox" name="sure" required /> I mean it
            </label>
            <button class="danger">Reset this account</button>`,
        )}
      </div>`,
  })
}

function field(name: Name, value: Settings[Name]): Html {
  const [text, choices] = TEXTS[name]
  if (typeof value === 'boolean') {
    return html`<label class="check">
      <input type="checkbox" name="${name}" ${{ html: value ? 'checked' : '' }} /> ${text}
    </label>`
  }
  return html`<div class="field">
    <label for="${name}">${text}</label>
    ${
      choices === undefined
        ? html`<input
            type="${typeof value === 'number' ? 'number' : 'text'}"
            id="${name}"
            name="${name}"
            value="${Array.isArray(value) ? value.join(', ') : String(value)}"
          />`
        : html`<select id="${name}" name="${name}">
            ${choices.map((choice) => html`<option ${{ html: choice === value ? 'selected' : '' }}>${choice}</option>`)}
          </select>`
    }
  </div>`
}

async function change(call: ScreenCall): Promise<Done> {
  const names = Object.keys(TEXTS) as Name[]
  const body = Object.fromEntries(names.map((name) => [name, readValue(call, name)]))
  await call.parts.control('POST', '/_sim/settings', body, [call.running])
  return { text: 'Saved.' }
}

function readValue(call: ScreenCall, name: Name): unknown {
  const like: unknown = DEFAULT_SETTINGS[name]
  const text = entered(call, name) ?? ''
  if (typeof like === 'boolean') return text === 'on'
  if (typeof like === 'number') return readNumber(name, text)
  if (!Array.isArray(like)) return text
  return text === '' ? [] : text.split(/[\s,]+/).map((entry) => readNumber(name, entry))
}

function readNumber(name: Name, text: string): number {
  const number = Number(text)
  if (text !== '' && Number.isSafeInteger(number) && number >= 0) return number
  throw new ControlError(400, `${TEXTS[name][0]}: “${text}” is no whole number.`)
}

async function reset(call: ScreenCall): Promise<Done> {
  if (entered(call, 'sure') !== 'on') {
    throw new ControlError(400, 'Nothing was reset: tick the box if you mean it.')
  }
  await call.parts.control('POST', '/_sim/reset', {}, [call.running])
  return { text: 'The account is as on its first day.' }
}

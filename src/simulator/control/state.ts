import type { RunningRealm } from '../running-realm.ts'
import { DEFAULT_SETTINGS, type Settings, settingsOf } from '../store/settings.ts'
import { ControlError } from './answers.ts'
import type { ControlHandlers } from './control.ts'

export const stateControl: ControlHandlers = {
  /** Forgets everything: objects, events, due work, time, settings, faults. With `seed`, new ids follow from it. */
  'POST /_sim/reset': ({ realms, body }) => {
    const { seed } = body
    if (seed !== undefined && typeof seed !== 'string') {
      throw new ControlError(400, '`seed` must be a string.')
    }
    for (const running of realms) running.reset(seed)
    return { reset: realms.length }
  },

  /** The latest API calls, newest first. */
  'GET /_sim/requests': ({ realms }) => realms.flatMap(({ requests }) => requests.list()),

  'GET /_sim/settings': ({ one }) => showSettings(one()),

  'POST /_sim/settings': ({ body, realms }) => {
    const change = readSettings(body)
    for (const { realm } of realms) {
      realm.transact((tx) => {
        if (tx.find('settings', 'settings') === undefined)
          tx.insert('settings', { id: 'settings', ...change })
        else tx.update('settings', 'settings', change)
      })
    }
    return { changed: Object.keys(change), accounts: realms.length }
  },
}

function showSettings({ realm }: RunningRealm): Settings {
  const { id: _id, ...settings } = realm.transact((tx) => ({ id: '', ...settingsOf(tx) }))
  return settings
}

const NOT_SETTINGS = new Set(['account', 'mode'])

function readSettings(body: Readonly<Record<string, unknown>>): Partial<Settings> {
  const change: Record<string, unknown> = {}
  for (const [name, value] of Object.entries(body)) {
    if (NOT_SETTINGS.has(name)) continue
    const current = DEFAULT_SETTINGS[name as keyof Settings] as unknown
    if (current === undefined) {
      const known = Object.keys(DEFAULT_SETTINGS).join(', ')
      throw new ControlError(400, `There is no setting '${name}'; there are ${known}.`)
    }
    const isList = Array.isArray(current)
    const fits = isList
      ? Array.isArray(value) &&
        value.every((entry) => Number.isSafeInteger(entry) && Number(entry) >= 0)
      : typeof value === typeof current
    if (!fits) {
      throw new ControlError(
        400,
        `'${name}' must be ${isList ? 'a list of seconds' : `a ${typeof current}`}.`,
      )
    }
    change[name] = value
  }
  const action = change['afterRetries']
  if (action !== undefined && !AFTER_RETRIES.some((known) => known === action)) {
    throw new ControlError(400, `'afterRetries' must be one of ${AFTER_RETRIES.join(', ')}.`)
  }
  return change
}

const AFTER_RETRIES = ['cancel', 'unpaid', 'past_due', 'pause']

import type { Realm } from '../store/realm.ts'
import { settingsOf } from '../store/settings.ts'
import { processMeterEvents } from './processing.ts'

/** Looks at a realm's meter events a while after they came in, in real time, as Stripe does. */
export interface MeterQueue {
  /** Looks at everything now: before time is moved, so that what was reported counts in the time it was reported in. */
  drain(): void
  close(): void
}

const MAX_AT_ONCE = 1_000

export function createMeterQueue(realm: Realm): MeterQueue {
  let timer: NodeJS.Timeout | undefined

  function pending(): readonly string[] {
    return realm.tables.meter_event.where('state', 'pending').map(({ id }) => id)
  }

  function drain(): void {
    for (let ids = pending(); ids.length > 0; ids = pending()) {
      const batch = ids.slice(0, MAX_AT_ONCE)
      realm.transact((tx) => processMeterEvents(tx, batch))
    }
  }

  function arm(): void {
    if (timer !== undefined) return
    const lagMs = realm.transact((tx) => settingsOf(tx).meterLagMs)
    timer = setTimeout(() => {
      timer = undefined
      drain()
    }, lagMs)
    timer.unref()
  }

  realm.onCommit((changes) => {
    if (changes.some(({ kind, isNew }) => kind === 'meter_event' && isNew)) arm()
  })
  if (pending().length > 0) arm()

  return {
    drain,
    close() {
      if (timer !== undefined) clearTimeout(timer)
    },
  }
}

import type { Clock } from '../../kit/clock.ts'
import { type Instant, SECOND_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Settings } from '../settings/service.ts'
import { type ClockReading, readClock, REAL_TIME } from './clock-reading.ts'
import * as store from './store.ts'

const CHANNEL = 'farebox_clocks'
const RETRY_MS = SECOND_MS

export type Clocks = Awaited<ReturnType<typeof createClocks>>

/**
 * The time of each mode and of each test clock. Readings are kept in memory so that asking costs nothing; a change
 * reaches every process through the database.
 */
export async function createClocks(deps: {
  database: Database
  systemClock: Clock
  settings: Settings
}) {
  const { database, systemClock, settings } = deps
  let testOffsetMs = 0
  let frozen: ReadonlyMap<string, Instant> = new Map()
  await load()
  let isClosed = false
  const unsubscribe = database.subscribe(CHANNEL, () => reload())

  async function load(): Promise<void> {
    testOffsetMs = Number((await settings.get('test', 'clock.offset_ms')) ?? 0)
    const clocks = await store.listTestClocks(database.db)
    frozen = new Map(clocks.map(({ id, nowAt }) => [id, nowAt]))
  }

  /** A database that is away just now must not end the process; the time that is known holds until it is back. */
  function reload(tell?: () => void): void {
    load().then(tell, () => {
      if (!isClosed) setTimeout(() => reload(tell), RETRY_MS).unref()
    })
  }

  function reading(mode: Mode, testClockId: string | null): ClockReading {
    if (mode === 'live') return REAL_TIME
    const at = testClockId === null ? undefined : frozen.get(testClockId)
    return at === undefined ? { kind: 'running', offsetMs: testOffsetMs } : { kind: 'frozen', at }
  }

  return {
    reading,

    now(mode: Mode, testClockId: string | null = null): Instant {
      return readClock(reading(mode, testClockId), systemClock.now())
    },

    /** The mode's own time, for what belongs to no single customer. */
    ofMode(mode: Mode): Clock {
      return { now: () => readClock(reading(mode, null), systemClock.now()) }
    },

    /** How far test mode is ahead of the machine's clock, in milliseconds; it never goes back. */
    async setTestOffset(aheadMs: number): Promise<void> {
      const offsetMs = Math.max(testOffsetMs, aheadMs)
      await database.transaction(async (tx) => {
        await settings.write(tx, 'test', 'clock.offset_ms', String(offsetMs))
        await database.publish(tx, CHANNEL, 'test')
      })
      testOffsetMs = offsetMs
    },

    async saveTestClock(tx: Db, clock: store.TestClock): Promise<void> {
      await store.saveTestClock(tx, clock, systemClock.now())
      await database.publish(tx, CHANNEL, clock.id)
      frozen = new Map([...frozen, [clock.id, clock.nowAt]])
    },

    onChange: (listener: () => void) => database.subscribe(CHANNEL, () => reload(listener)),
    close(): void {
      isClosed = true
      unsubscribe()
    },
  }
}

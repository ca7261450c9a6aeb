import type { Clock } from '../../kit/clock.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Database } from '../database/database.ts'
import type { Log } from '../log.ts'

/**
 * Work that recurs. The due time is a row, so that of several processes exactly one runs a slot, and a slot missed
 * while everything was down is made up for once.
 */
export interface Schedule {
  every(name: string, intervalMs: number, work: () => Promise<void>): void
  start(): void
  stop(): Promise<void>
}

interface Entry {
  readonly name: string
  readonly intervalMs: number
  readonly work: () => Promise<void>
}

const TICK_MS = 1_000

export function createSchedule(options: { database: Database; clock: Clock; log: Log }): Schedule {
  const { database, clock, log } = options
  const entries: Entry[] = []
  let timer: NodeJS.Timeout | undefined
  let ticking: Promise<void> | undefined

  async function takeSlot({ name, intervalMs }: Entry, now: Instant): Promise<boolean> {
    const nextAt = new Date(now + intervalMs)
    const inserted = await database.db
      .insertInto('schedules')
      .values({ name, nextAt })
      .onConflict((conflict) =>
        conflict
          .column('name')
          .doUpdateSet({ nextAt })
          .where('schedules.nextAt', '<=', new Date(now)),
      )
      .returning('name')
      .executeTakeFirst()
    return inserted !== undefined
  }

  async function tick(): Promise<void> {
    for (const entry of entries) {
      try {
        if (await takeSlot(entry, clock.now())) await entry.work()
      } catch (error) {
        log.error('schedule.failed', { name: entry.name, error })
      }
    }
  }

  return {
    every(name, intervalMs, work) {
      entries.push({ name, intervalMs, work })
    },
    start() {
      const run = (): void => {
        ticking ??= tick().finally(() => (ticking = undefined))
      }
      timer = setInterval(run, TICK_MS)
      run()
    },
    async stop() {
      clearInterval(timer)
      await ticking
    },
  }
}

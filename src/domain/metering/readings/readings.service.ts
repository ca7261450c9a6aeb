import type { Db } from '../../../platform/database/database.ts'
import type { StoredReading } from './reading.ts'
import * as store from './store.ts'

export type Readings = ReturnType<typeof createReadings>

/** What single events gave, kept for meters whose number is more than a sum. */
export function createReadings() {
  return {
    record: (tx: Db, readings: readonly StoredReading[]): Promise<void> =>
      store.insert(tx, readings),

    /** Removes what an event gave, and says what it was. */
    takeOfEvent: store.takeOfEvent,
  }
}

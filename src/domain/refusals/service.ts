import type { Mode } from '../../kit/mode.ts'
import { type Period, startOfHour } from '../../kit/period.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import * as store from './store.ts'

/** So many calls of one mode were refused for one reason. */
export interface RefusedCalls {
  readonly mode: Mode
  readonly code: string
  readonly count: number
}

export type Refusals = ReturnType<typeof createRefusals>

/** What gateways refused, counted by the hour of the mode's own time. */
export function createRefusals(deps: { readonly clocks: Clocks; readonly database: Database }) {
  const { clocks, database } = deps
  return {
    async note(refused: readonly RefusedCalls[]): Promise<void> {
      await database.transaction(async (tx) => {
        for (const { mode, code, count } of refused) {
          await store.add(tx, mode, startOfHour(clocks.now(mode)), code, count)
        }
      })
    },

    count: (mode: Mode, codes: readonly string[], period: Period): Promise<number> =>
      store.count(database.db, mode, codes, period),
  }
}

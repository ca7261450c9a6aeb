import { newId } from '../../kit/id.ts'
import { DAY_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import { compareUsage, type UsageDifference } from './compare-usage.ts'
import { MAX_AGE_MS } from './limits.ts'
import { usageSubject } from './rejection.ts'
import * as store from './store.ts'

/** Stripe counts some minutes after it took an event; what is younger is neither there nor missing. */
const SETTLED_AFTER_MS = 15 * MINUTE_MS
/** As far back as a difference can still be repaired, and a day more, so that what just became too late is seen. */
const COMPARED_MS = MAX_AGE_MS + DAY_MS
const MAX_RESENT = 500

export type UsageTotals = ReturnType<typeof createUsageTotals>

interface UsageTotalsDeps {
  readonly database: Database
  readonly clocks: Clocks
  readonly connections: Connections
  readonly clock: Clock
}

/** Whether Stripe's meters say what was reported to them. */
export function createUsageTotals({ database, clocks, connections, clock }: UsageTotalsDeps) {
  function window(mode: Mode): Period {
    const minute = (at: Instant): Instant => Math.floor(at / MINUTE_MS) * MINUTE_MS
    const now = clocks.now(mode)
    return { startsAt: minute(now - COMPARED_MS), endsAt: minute(now) }
  }

  return {
    /** Where the totals of a customer's meters differ, each under the name of customer and meter. */
    async differences(
      { api, scope }: Connected,
      customerId: string,
      stripeCustomerId: string,
    ): Promise<(UsageDifference & { readonly subject: string })[]> {
      const { mode } = scope
      const period = window(mode)
      const reported = await store.totals(database.db, mode, customerId, period, {
        settledBefore: clock.now() - SETTLED_AFTER_MS,
        tooLateBefore: clocks.now(mode) - MAX_AGE_MS,
      })
      const found: (UsageDifference & { readonly subject: string })[] = []
      for (const entry of reported) {
        const stripeMeterId = await connections.externalId(scope, 'meter', entry.meterKey)
        if (stripeMeterId === undefined) continue
        const theirs = await api.meterEvents.total(stripeMeterId, stripeCustomerId, period)
        const difference = compareUsage(entry, theirs)
        const subject = usageSubject(customerId, entry.meterKey)
        if (difference !== undefined) found.push({ ...difference, subject })
      }
      return found
    },

    /** Sends again what Stripe refused and still takes, each under a new identifier. */
    async resendRefused(mode: Mode, customerId: string): Promise<void> {
      const since = clocks.now(mode) - MAX_AGE_MS
      await database.transaction(async (tx) => {
        const refused = await store.lockRejected(tx, mode, customerId, since, MAX_RESENT)
        for (const report of refused) {
          const now = clock.now()
          const again = { ...report, id: newId('report', now), resends: report.resends + 1 }
          await store.insert(tx, again, now)
          await store.replaced(tx, report, again.id)
        }
      })
    },
  }
}

import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../kit/instant.ts'
import { type Mode, MODES } from '../kit/mode.ts'
import type { Clock } from '../kit/clock.ts'
import type { Database } from '../platform/database/database.ts'
import { deleteExpired } from '../platform/idempotency.ts'
import { deleteDoneJobs } from '../platform/jobs/jobs.ts'
import { createSchedule } from '../platform/jobs/schedule.ts'
import type { Log } from '../platform/log.ts'
import type { Domain } from './compose.ts'

export type Background = ReturnType<typeof createBackground>

/** Work that recurs, and that several processes share: each slot is run by one of them. */
export function createBackground(deps: {
  readonly database: Database
  readonly clock: Clock
  readonly log: Log
  readonly domain: Domain
}) {
  const { database, clock, log, domain } = deps
  const {
    billingRuns,
    budgetAlerts,
    clocks,
    completion,
    connections,
    inbox,
    ingest,
    moneyDue,
    reconcile,
    ownBilling,
    pauses,
    reporting,
    subscriptions,
  } = domain
  const schedule = createSchedule({ database, clock, log })

  /** Rolls over and ends what we bill ourselves, at the time of each mode. */
  async function runDue(mode: Mode): Promise<void> {
    await billingRuns.runDue(mode)
    await pauses.runDue(mode, clocks.now(mode))
    if (await connections.isConnected(mode)) await ownBilling.showDue(mode)
    if (await connections.isConnected(mode)) await completion.completeDue(mode, null)
    await subscriptions.closePeriods(mode, clocks.now(mode), (id) => reporting.hasPending(mode, id))
    await moneyDue.runDue(mode, clocks.now(mode))
  }

  async function eachConnected(work: (mode: Mode) => Promise<unknown>): Promise<void> {
    for (const mode of MODES) if (await connections.isConnected(mode)) await work(mode)
  }

  schedule.every('subscriptions.due', 10 * SECOND_MS, async () => {
    for (const mode of MODES) await runDue(mode)
  })
  schedule.every('usage.report', MINUTE_MS, () => eachConnected((mode) => reporting.flush(mode)))
  schedule.every('budgets.alert', MINUTE_MS, async () => {
    for (const mode of MODES) await budgetAlerts.run(mode, clock.now())
  })
  schedule.every('stripe.poll', 5 * MINUTE_MS, () => eachConnected((mode) => inbox.poll(mode)))
  schedule.every('stripe.reconcile', HOUR_MS, () => eachConnected((mode) => reconcile.daily(mode)))
  schedule.every('stripe.key_age', DAY_MS, () => eachConnected(connections.warnOfOldKey))
  schedule.every('cleanup', HOUR_MS, async () => {
    await deleteDoneJobs(database.db, clock.now())
    await deleteExpired(database.db, clock.now())
    await inbox.prune()
    await ingest.prune()
  })

  return { start: schedule.start, stop: schedule.stop, runDue }
}

import { notFound } from '../../../errors.ts'
import { newId } from '../../../kit/id.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Page, PageRequest } from '../../../kit/page.ts'
import type { Database } from '../../../platform/database/database.ts'
import type { Jobs } from '../../../platform/jobs/jobs.ts'
import type { Log } from '../../../platform/log.ts'
import type { Clocks } from '../../accounts/clocks.service.ts'
import { type Caller, systemCaller } from '../../audit/caller.ts'
import type { Audit } from '../../audit/service.ts'
import type { Lifecycles } from '../../subscriptions/lifecycle.service.ts'
import type { Subscriptions } from '../../subscriptions/service.ts'
import { isBilledByUs } from '../../subscriptions/subscription.ts'
import type { PeriodBill } from '../bills.service.ts'
import type { OwnBilling } from '../own-billing.service.ts'
import type { BillingRun, RunFailure } from './billing-run.ts'
import * as store from './store.ts'

const QUEUE = 'billing.run'
/** Read at once: finding what is due looks at all that is. */
const LISTED = 5_000
/** After so many it is said how far the run is. */
const BATCH = 500
const MAX_REHEARSED = 1_000
const MAX_FAILURES_KEPT = 20

interface BillingRunsDeps {
  readonly audit: Audit
  readonly clocks: Clocks
  readonly database: Database
  readonly jobs: Jobs
  readonly lifecycles: Lifecycles
  readonly log: Log
  readonly ownBilling: OwnBilling
  readonly subscriptions: Subscriptions
}

/** What a run would bill. Nothing is written for it. */
export interface Rehearsal {
  readonly bills: readonly PeriodBill[]
  /** More subscriptions are due than were looked at. */
  readonly isCut: boolean
}

export type BillingRuns = ReturnType<typeof createBillingRuns>

/**
 * The monthly run: closes every period of ours that has ended. The periods are the queue, so running twice bills once,
 * and a run that a crash cut off is taken up by its job where it stopped.
 */
export function createBillingRuns(deps: BillingRunsDeps) {
  const { audit, clocks, database, jobs, lifecycles, log, ownBilling, subscriptions } = deps

  /** Whether there was anything to close: a subscription that waits for its first payment has nothing yet. */
  async function closeDue(caller: Caller, id: string, customerId: string): Promise<boolean> {
    const subscription = await subscriptions.get(caller.mode, id)
    if (isBilledByUs(subscription)) {
      return (await ownBilling.catchUp(caller, id, customerId)) > 0
    }
    await lifecycles.catchUp(caller, id, customerId)
    return true
  }

  /** Closes everything due by an instant. One that fails is passed over, so that it holds up no other. */
  async function closeAll(
    mode: Mode,
    until: Instant,
    onBatch: (failures: readonly RunFailure[]) => Promise<void>,
  ): Promise<void> {
    const passed = new Set<string>()
    for (;;) {
      const due = await subscriptions.listDue(mode, null, until, LISTED + passed.size)
      const left = due.filter(({ id }) => !passed.has(id))
      if (left.length === 0) return
      for (let at = 0; at < left.length; at += BATCH) {
        await onBatch(await closeEach(mode, left.slice(at, at + BATCH), passed))
      }
    }
  }

  /** Adds those to `passed` that are not tried again; answers those that failed. */
  async function closeEach(
    mode: Mode,
    due: readonly { readonly id: string; readonly customerId: string }[],
    passed: Set<string>,
  ): Promise<RunFailure[]> {
    const failures: RunFailure[] = []
    for (const { id, customerId } of due) {
      try {
        if (!(await closeDue(systemCaller(mode), id, customerId))) passed.add(id)
      } catch (error) {
        passed.add(id)
        failures.push({ subscriptionId: id, message: messageOf(error) })
        log.error('billing.not_closed', { subscriptionId: id, error })
      }
    }
    return failures
  }

  async function work(mode: Mode, id: string): Promise<void> {
    const begun = await store.find(database.db, mode, id)
    if (begun === undefined || begun.state === 'finished') return
    // Taken up after a crash, it tries again what had failed; what is closed is told by what is no longer due.
    let failures: readonly RunFailure[] = []
    let failed = 0
    const progress = async (): Promise<BillingRun> => {
      const left = await subscriptions.countDue(mode, null, begun.until)
      return { ...begun, closed: Math.max(0, begun.total - left), failed, failures }
    }
    await closeAll(mode, begun.until, async (fresh) => {
      failed += fresh.length
      failures = failures.concat(fresh).slice(-MAX_FAILURES_KEPT)
      await store.update(database.db, mode, await progress(), clocks.now(mode))
      await ownBilling.showDue(mode)
    })
    // What was closed before a crash may not have reached Stripe.
    await ownBilling.showDue(mode)
    const now = clocks.now(mode)
    const finished = { ...(await progress()), state: 'finished', finishedAt: now } as const
    await store.update(database.db, mode, finished, now)
  }

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, runId } = payload as { mode: Mode; runId: string }
    await work(mode, runId)
  })

  return {
    /** Closes everything that is due now; invoices lead to Stripe by themselves afterwards. */
    runDue: (mode: Mode) => closeAll(mode, clocks.now(mode), () => Promise.resolve()),

    /** Starts a run over everything that is due now; it goes on by itself. */
    async start(caller: Caller): Promise<BillingRun> {
      const { mode } = caller
      const now = clocks.now(mode)
      const run: BillingRun = {
        id: newId('run', now),
        state: 'running',
        until: now,
        requestedBy: 'id' in caller.actor ? caller.actor.id : caller.actor.kind,
        total: await subscriptions.countDue(mode, null, now),
        closed: 0,
        failed: 0,
        failures: [],
        createdAt: now,
        finishedAt: null,
      }
      await database.transaction(async (tx) => {
        await store.insert(tx, mode, run)
        await jobs.enqueue(tx, QUEUE, { mode, runId: run.id }, { key: `${mode}:${run.id}` })
        await audit.record(tx, caller, {
          action: 'billing_run.started',
          targetKind: 'billing_run',
          targetId: run.id,
          after: { total: run.total },
        })
      })
      return run
    },

    async rehearse(mode: Mode): Promise<Rehearsal> {
      const due = await subscriptions.listDue(mode, null, clocks.now(mode), MAX_REHEARSED + 1)
      const bills: PeriodBill[] = []
      for (const { id } of due.slice(0, MAX_REHEARSED)) {
        const bill = await ownBilling.rehearse(mode, id)
        if (bill !== undefined) bills.push(bill)
      }
      return { bills, isCut: due.length > MAX_REHEARSED }
    },

    async get(mode: Mode, id: string): Promise<BillingRun> {
      const run = await store.find(database.db, mode, id)
      if (run === undefined) throw notFound('billing run')
      return run
    },

    list: (mode: Mode, page: PageRequest): Promise<Page<BillingRun>> =>
      store.list(database.db, mode, page),
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}

import { AppError, notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import { DAY_MS, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Log } from '../../platform/log.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Billing } from '../billing/service.ts'
import type { DriftCheck } from '../catalog/drift-check.service.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Disputes } from '../disputes/service.ts'
import type { Findings } from '../findings/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Refunds } from '../refunds/service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { UsageDifference } from '../reporting/compare-usage.ts'
import type { UsageTotals } from '../reporting/totals.service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import { compare, type ComparedKind, type Difference, located, summaryOf } from './compare.ts'
import { addCounts, NO_COUNTS, type ReconcileRun, type RunCounts } from './run.ts'
import * as store from './store.ts'
import { createViews } from './views.service.ts'

const QUEUE = 'reconcile.run'
const PAGE = 50
const MAX_REFUNDS = 200
/** Webhooks are given time to tell; what has no outcome then is asked about. */
const PATIENCE_MS = MINUTE_MS

interface ReconcileDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly billing: Billing
  readonly changes: PlanChanges
  readonly clock: Clock
  readonly connections: Connections
  readonly disputes: Disputes
  readonly driftCheck: DriftCheck
  readonly findings: Findings
  readonly jobs: Jobs
  readonly log: Log
  readonly look: Look
  readonly payments: Payments
  readonly refunds: Refunds
  readonly subscriptions: Subscriptions
  readonly usageTotals: UsageTotals
  readonly syncs: Readonly<Record<ComparedKind, Sync<unknown>>>
}

/** What follows from the contract with a customer, and is compared with what Stripe has of it. */
export interface ContractCheck {
  differences(connected: Connected, customerId: string): Promise<readonly Difference[]>
  repair(connected: Connected, found: readonly Difference[]): Promise<void>
}

const NO_CHECK: ContractCheck = {
  differences: () => Promise.resolve([]),
  repair: () => Promise.resolve(),
}

export type Reconcile = ReturnType<typeof createReconcile>

/** What is repaired first is what others refer to. */
const ORDER: readonly ComparedKind[] = [
  'customer',
  'subscription',
  'invoice',
  'payment',
  'refund',
  'dispute',
]

export function createReconcile(deps: ReconcileDeps) {
  const { database, accounts, audit, clock, connections, findings, jobs, log, look } = deps
  const { driftCheck, refunds, syncs, usageTotals } = deps
  const views = createViews(deps)
  let contracts = NO_CHECK

  async function differences(mode: Mode, customerId: string): Promise<[Difference[], number]> {
    const connected = await connections.stripe(mode)
    const stripeCustomerId = await connections.externalId(connected.scope, 'customer', customerId)
    if (stripeCustomerId === undefined) return [[], 0]
    // Theirs first: what reaches our rows meanwhile is newer, and looked at again before anybody is told.
    const theirs = await views.theirs(connected, stripeCustomerId)
    const ours = await views.ours(mode, connected, customerId, stripeCustomerId)
    const found = await Promise.all(
      compare(ours, theirs).map(async (difference) => {
        const { category, kind, stripeId } = difference
        if (category !== 'missing_remote' || kind === 'usage' || kind === 'customer') {
          return difference
        }
        return located(difference, await connected.api.whereabouts(kind, stripeId))
      }),
    )
    const isThere = theirs.length > 0
    const usage = isThere
      ? await usageTotals.differences(connected, customerId, stripeCustomerId)
      : []
    // Of one subscription one difference is told: what the views say of it is the greater one.
    const told = new Set(found.map(keyOf))
    const sold = isThere ? await contracts.differences(connected, customerId) : []
    const others = sold.filter((difference) => !told.has(keyOf(difference)))
    return [[...found, ...others, ...usage.map(usageDifference)], theirs.length]
  }

  async function repair(
    mode: Mode,
    customerId: string,
    found: readonly Difference[],
  ): Promise<void> {
    for (const kind of ORDER) {
      for (const { stripeId, isSafe } of found.filter((entry) => entry.kind === kind)) {
        if (isSafe) await look(mode, syncs[kind], stripeId)
      }
    }
    await contracts.repair(await connections.stripe(mode), found)
    if (found.some(({ kind, isSafe }) => kind === 'usage' && isSafe)) {
      await usageTotals.resendRefused(mode, customerId)
    }
  }

  async function report(mode: Mode, customerId: string, left: readonly Difference[]) {
    await database.transaction(async (tx) => {
      for (const difference of left) {
        await findings.report(tx, {
          mode,
          category: difference.category,
          subjectKind: difference.kind,
          subjectId: difference.stripeId,
          customerId,
          summary: summaryOf(difference),
          ours: difference.ours,
          theirs: difference.theirs,
          dedupeKey: keyOf(difference),
        })
      }
      const open = new Set(left.map(keyOf))
      const { data } = await findings.list(mode, { customerId, state: 'open' }, { limit: 100 }, tx)
      for (const { dedupeKey } of data) {
        if (!dedupeKey.startsWith('reconcile:') || open.has(dedupeKey)) continue
        await findings.repaired(tx, mode, dedupeKey, 'Both sides agree again.')
      }
    })
  }

  async function customer(
    mode: Mode,
    customerId: string,
    isDryRun: boolean,
  ): Promise<{ found: Difference[]; left: Difference[]; counts: RunCounts }> {
    const [found, objects] = await differences(mode, customerId)
    if (isDryRun) {
      const counts = { ...NO_COUNTS, customers: 1, objects, differences: found.length }
      return { found, left: found, counts }
    }
    await repair(mode, customerId, found)
    const [left] = found.length === 0 ? [[]] : await differences(mode, customerId)
    await report(mode, customerId, left)
    const repaired = found.length - left.length
    return {
      found,
      left,
      counts: { customers: 1, objects, differences: found.length, repaired, failed: 0 },
    }
  }

  async function customerOrFailure(mode: Mode, id: string, isDryRun: boolean): Promise<RunCounts> {
    try {
      return (await customer(mode, id, isDryRun)).counts
    } catch (error) {
      log.warn('reconcile.customer_failed', { mode, customerId: id, error })
      return { ...NO_COUNTS, customers: 1, failed: 1 }
    }
  }

  async function get(mode: Mode, id: string): Promise<ReconcileRun> {
    const run = await store.find(database.db, mode, id)
    if (run === undefined) throw notFound('reconcile run')
    return run
  }

  async function workPage(run: ReconcileRun): Promise<ReconcileRun> {
    const { mode, isDryRun } = run
    const cursor = run.cursor ?? undefined
    const { data, nextCursor } = await accounts.list(mode, {}, { limit: PAGE, cursor })
    const each: RunCounts[] = []
    for (const { id } of data) each.push(await customerOrFailure(mode, id, isDryRun))
    const isDone = nextCursor === null
    const after: ReconcileRun = {
      ...run,
      counts: each.reduce(addCounts, run.counts),
      cursor: nextCursor,
      state: isDone ? 'done' : 'running',
      finishedAt: isDone ? clock.now() : null,
    }
    await store.update(database.db, after)
    return after
  }

  /** Page by page; each page is noted, so that whoever goes on after a crash begins there. */
  async function work(mode: Mode, runId: string): Promise<void> {
    const begun = await get(mode, runId)
    for (let run = begun; run.state === 'running';) run = await workPage(run)
    if (begun.isDryRun) return
    await refunds.resolve(mode, clock.now() - PATIENCE_MS, MAX_REFUNDS)
    await driftCheck.report(mode)
  }

  jobs.handle(QUEUE, async ({ payload }) => {
    const { mode, runId } = payload as { mode: Mode; runId: string }
    await work(mode, runId)
  })

  async function begin(
    mode: Mode,
    cause: ReconcileRun['cause'],
    isDryRun: boolean,
    record?: (runId: string) => Parameters<Audit['record']>[2],
    caller?: Caller,
  ): Promise<ReconcileRun | undefined> {
    const now = clock.now()
    const run: ReconcileRun = {
      mode,
      id: newId('reconcile', now),
      cause,
      customerId: null,
      isDryRun,
      state: 'running',
      cursor: null,
      counts: NO_COUNTS,
      error: null,
      startedAt: now,
      finishedAt: null,
    }
    const isNew = await database.transaction(async (tx) => {
      if (!(await store.insert(tx, run))) return false
      await jobs.enqueue(tx, QUEUE, { mode, runId: run.id }, { key: run.id })
      if (caller !== undefined && record !== undefined) {
        await audit.record(tx, caller, record(run.id))
      }
      return true
    })
    return isNew ? run : undefined
  }

  return {
    get,

    /** Whoever knows what was sold says what Stripe should have of it. */
    checkContractsBy(check: ContractCheck): void {
      contracts = check
    },

    list: (mode: Mode, page: PageRequest): Promise<Page<ReconcileRun>> =>
      store.list(database.db, mode, page),

    /** One customer, now: what differed, and what still does. */
    async customer(caller: Caller, customerId: string, isDryRun: boolean) {
      const { mode } = caller
      await accounts.get(mode, customerId)
      const result = await customer(mode, customerId, isDryRun)
      if (!isDryRun) {
        const { differences: differing, repaired } = result.counts
        await database.transaction((tx) =>
          audit.record(tx, caller, {
            action: 'stripe.synced',
            targetKind: 'customer',
            targetId: customerId,
            customerId,
            after: { differences: differing, repaired },
          }),
        )
      }
      return result
    },

    /** All customers, in the background. */
    async start(caller: Caller, isDryRun: boolean): Promise<ReconcileRun> {
      const { mode } = caller
      await connections.stripe(mode)
      const record = (runId: string) => ({
        action: 'stripe.reconcile_started',
        targetKind: 'reconcile_run',
        targetId: runId,
        after: { isDryRun },
      })
      const run = await begin(mode, 'operator', isDryRun, record, caller)
      if (run === undefined) throw new AppError('reconcile_running', {})
      return run
    },

    /** Once a day, whichever process comes first. */
    async daily(mode: Mode): Promise<void> {
      const last = await store.lastStart(database.db, mode)
      if (last !== undefined && clock.now() - last < DAY_MS) return
      await begin(mode, 'schedule', false)
    },
  }
}

function keyOf({ kind, stripeId }: Difference): string {
  return `reconcile:${kind}:${stripeId}`
}

function usageDifference({
  subject: stripeId,
  ...difference
}: UsageDifference & { readonly subject: string }): Difference {
  return { ...difference, kind: 'usage', stripeId }
}

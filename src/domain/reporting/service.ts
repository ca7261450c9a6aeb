import { newId } from '../../kit/id.ts'
import { HOUR_MS, type Instant, MINUTE_MS, SECOND_MS } from '../../kit/instant.ts'
import type { Clock } from '../../kit/clock.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Log } from '../../platform/log.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Billing } from '../billing/service.ts'
import { isForStripe } from '../billing/rated-here.ts'
import type { Rating } from '../billing/rating.service.ts'
import { meterEventName } from '../catalog/publish.ts'
import type { Connected, Connections } from '../connections/service.ts'
import type { Findings } from '../findings/service.ts'
import type { Metering } from '../metering/service.ts'
import type { Cancellations } from '../subscriptions/cancel.service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { MAX_AGE_MS } from './limits.ts'
import { createRefusals, type Refusal, TOO_LATE } from './refusal.service.ts'
import * as store from './store.ts'
import { createVerification } from './verification.service.ts'

const CLAIM_COUNT = 25
const LEASE_MS = MINUTE_MS
const MAX_RETRY_MS = 10 * MINUTE_MS
const MAX_SUBSCRIPTIONS_PER_RUN = 5_000
/** Stripe recognizes an identifier for a day; after that a resend might be counted twice. */
const RESEND_WINDOW_MS = 23 * HOUR_MS
const MAX_DRAIN_ROUNDS = 10_000
/** By then Stripe has counted what it has taken. */
const VERIFY_AFTER_MS = 15 * MINUTE_MS
const FLUSH_QUEUE = 'usage.flush'

interface ReportingDeps {
  readonly database: Database
  readonly billing: Billing
  readonly cancellations: Cancellations
  readonly findings: Findings
  readonly jobs: Jobs
  readonly changes: PlanChanges
  readonly clocks: Clocks
  readonly connections: Connections
  readonly metering: Metering
  readonly rating: Rating
  readonly subscriptions: Subscriptions
  readonly clock: Clock
  readonly log: Log
}

export type Reporting = ReturnType<typeof createReporting>

/**
 * Hands usage to Stripe's meters, exactly once: first a row with what is handed over, then the event whose identifier
 * is that row. Stripe is a sink; our own numbers stay the truth.
 */
export function createReporting(deps: ReportingDeps) {
  const { database, changes, clocks, connections, metering, rating, clock, log } = deps
  const { billing, cancellations, jobs, subscriptions } = deps
  const refusals = createRefusals(deps)
  const verify = createVerification(deps)

  async function prepareOne(
    subscription: Subscription,
    meterKey: string,
    period: Period,
  ): Promise<void> {
    const { mode, id, customerId } = subscription
    await database.transaction(async (tx) => {
      const plan = await metering.takeUnreported(tx, mode, id, meterKey, period)
      if (plan === undefined) return
      const report = {
        mode,
        id: newId('report', clock.now()),
        subscriptionId: id,
        customerId,
        meterKey,
        resends: 0,
      }
      await store.insert(tx, { ...report, value: plan.units, at: plan.at }, clock.now())
    })
  }

  /** Turns new usage into reports; of one subscription, or of all. */
  async function prepare(mode: Mode, only?: string): Promise<void> {
    const open = await metering.unreported(mode, MAX_SUBSCRIPTIONS_PER_RUN)
    const bySubscription = Map.groupBy(open, ({ subscriptionId }) => subscriptionId)
    for (const [id, entries] of bySubscription) {
      if (only !== undefined && id !== only) continue
      const subscription = await subscriptions.find(mode, id)
      if (subscription === undefined) continue
      const isStripes = subscription.engine === 'stripe_subscription'
      // Of one that is billed by us now Stripe may still have a last invoice to make.
      const periods = (await subscriptions.periods(mode, id)).filter(
        ({ state }) => state === 'closing' || (isStripes && state === 'open'),
      )
      if (periods.length === 0) continue
      const contract = await rating.contractOf(subscription)
      const until = Math.min(clocks.now(mode) + 1, await heldFrom(subscription))
      for (const { meterKey } of entries) {
        for (const period of periods) {
          if (!isForStripe(contract, meterKey, period)) continue
          // Stripe takes nothing from the future, and neither has anything happened there.
          const endsAt = Math.min(period.endsAt, until)
          if (endsAt <= period.startsAt) continue
          await prepareOne(subscription, meterKey, { startsAt: period.startsAt, endsAt })
        }
      }
    }
  }

  /** While a change of plan waits for its payment nobody knows whose usage it is from its instant on. */
  async function heldFrom({ mode, id }: Subscription): Promise<Instant> {
    const change = await changes.findOpen(mode, id)
    const isPending = change?.state === 'executing' || change?.state === 'awaiting_payment'
    const isNow = change?.quote.timing === 'immediate'
    return isPending && isNow ? change.effectiveAt : Number.POSITIVE_INFINITY
  }

  async function refuse({ mode, id }: store.MeterReport, refusal: Refusal): Promise<void> {
    await database.transaction((tx) => refusals(tx, mode, id, refusal))
  }

  async function sendOne({ api, scope }: Connected, report: store.MeterReport): Promise<void> {
    const now = clock.now()
    if (report.firstSentAt !== null && now - report.firstSentAt > RESEND_WINDOW_MS) {
      log.error('meter_report.unconfirmed', { reportId: report.id, meterKey: report.meterKey })
      await store.settle(database.db, report, {
        state: 'verify',
        nextAt: now + VERIFY_AFTER_MS,
        error: 'Stripe may have it already',
      })
      return
    }
    if (report.at < clocks.now(report.mode) - MAX_AGE_MS) {
      await refuse(report, { code: TOO_LATE, message: 'Stripe takes usage of the last 35 days.' })
      return
    }
    try {
      const stripeCustomerId = await connections.externalId(scope, 'customer', report.customerId)
      if (stripeCustomerId === undefined) throw new Error('The customer is not in Stripe')
      const meter = await connections.mapping(scope, 'meter', report.meterKey)
      const result = await api.meterEvents.send({
        // A linked price charges by the meter it was made with, which listens to another name than ours.
        eventName: meter?.metadata['eventName'] ?? meterEventName(scope.mode, report.meterKey),
        stripeCustomerId,
        value: report.value,
        identifier: report.id,
        at: report.at,
      })
      if (result.kind === 'refused') await refuse(report, result)
      else await store.settle(database.db, report, { state: 'sent', sentAt: clock.now() })
    } catch (error) {
      log.warn('meter_report.failed', { reportId: report.id, attempt: report.attempts, error })
      const delayMs = Math.min(SECOND_MS * 2 ** report.attempts, MAX_RETRY_MS)
      const message = error instanceof Error ? error.message : String(error)
      await store.settle(database.db, report, {
        state: 'pending',
        nextAt: now + delayMs,
        error: message,
      })
    }
  }

  async function send(mode: Mode): Promise<number> {
    const now: Instant = clock.now()
    const reports = await store.claim(database.db, mode, now, now + LEASE_MS, CLAIM_COUNT)
    if (reports.length === 0) return 0
    const connected = await connections.stripe(mode)
    await Promise.all(reports.map((report) => sendOne(connected, report)))
    return reports.length
  }

  async function flush(mode: Mode): Promise<void> {
    if (!(await connections.isConnected(mode))) return
    await prepare(mode)
    for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
      if ((await send(mode)) === 0) break
    }
    await verify(mode)
  }

  /** Of one subscription: before it ends at once, and its last invoice is made. */
  async function flushOne({ mode, id, engine }: Subscription): Promise<void> {
    if (engine !== 'stripe_subscription' || !(await connections.isConnected(mode))) return
    await prepare(mode, id)
    for (let round = 0; round < MAX_DRAIN_ROUNDS; round++) {
      const isDone = !(await store.hasPending(database.db, mode, id))
      if (isDone || (await send(mode)) === 0) return
    }
  }
  cancellations.reportUsageBy(flushOne)

  // A period's invoice is a draft for about an hour: what still comes in belongs on it, and has to be there by then.
  billing.onInvoice(async (tx, { mode, subscriptionId, state }, before) => {
    const isNewDraft = state === 'draft' && before === undefined && subscriptionId !== null
    if (isNewDraft) await jobs.enqueue(tx, FLUSH_QUEUE, { mode }, { key: mode })
  })
  jobs.handle(FLUSH_QUEUE, ({ payload }) => flush((payload as { mode: Mode }).mode))

  return {
    /** Reports all usage there is now. Run every minute, and before a period's invoice becomes final. */
    flush,

    hasPending: (mode: Mode, subscriptionId: string) =>
      store.hasPending(database.db, mode, subscriptionId),
  }
}

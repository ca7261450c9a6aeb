import { AppError } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Collection } from '../payments/collection.service.ts'
import type { Cancellations } from '../subscriptions/cancel.service.ts'
import type { FinalAction } from './decide-dunning.ts'
import * as store from './store.ts'

/** Retries and final actions ask Stripe, so a job does them; its key names the attempt. */
export const ACT_QUEUE = 'dunning.act'
const ALREADY_SO: ReadonlySet<string> = new Set([
  'already_canceling',
  'invoice_not_open',
  'subscription_is_over',
])

interface ActDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly cancellations: Cancellations
  readonly collection: Collection
  readonly jobs: Jobs
}

/** Does what dunning decided. */
export function createActs(deps: ActDeps): void {
  const { database, accounts, cancellations, collection, jobs } = deps

  async function retry(mode: Mode, invoiceId: string, attempt: number): Promise<void> {
    const stored = await store.findOfInvoice(database.db, mode, invoiceId)
    if (stored?.state !== 'open' || stored.actingAttempt !== attempt) return
    const key = `${stored.id}:${attempt}`
    const method = stored.newPaymentMethodId
    try {
      await collection.pay(systemCaller(mode), invoiceId, method, key)
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      const isKnown = error.code === 'card_declined' || ALREADY_SO.has(error.code)
      if (!isKnown) throw error
    }
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, stored.customerId)
      const current = await store.findOfInvoice(tx, mode, invoiceId)
      if (current?.actingAttempt !== attempt) return
      // Stripe has answered; whether it made a charge of it or not, this attempt is over.
      await store.save(tx, { ...current, actingAttempt: null }, accounts.now(customer))
    })
  }

  async function finish(mode: Mode, invoiceId: string, finalAction: FinalAction): Promise<void> {
    const stored = await store.findOfInvoice(database.db, mode, invoiceId)
    if (stored?.state !== 'exhausted') return
    try {
      await collection.writeOff(systemCaller(mode), invoiceId)
      if (stored.subscriptionId !== null && finalAction !== 'mark_uncollectible') {
        await cancellations.cancel(systemCaller(mode), stored.subscriptionId, 'now')
      }
    } catch (error) {
      if (!(error instanceof AppError) || !ALREADY_SO.has(error.code)) throw error
    }
  }

  jobs.handle(ACT_QUEUE, async ({ payload }) => {
    const job = payload as {
      mode: Mode
      invoiceId: string
      attempt?: number
      finalAction?: FinalAction
    }
    if (job.attempt !== undefined) await retry(job.mode, job.invoiceId, job.attempt)
    if (job.finalAction !== undefined) await finish(job.mode, job.invoiceId, job.finalAction)
  })
}

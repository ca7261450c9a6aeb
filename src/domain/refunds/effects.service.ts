import { AppError } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Billing } from '../billing/service.ts'
import type { CreditNotes } from '../credit-notes/service.ts'
import type { Payment } from '../payments/payment.ts'
import type { Payments } from '../payments/service.ts'
import type { Cancellations } from '../subscriptions/cancel.service.ts'
import type { Refund } from './refund.ts'
import { EFFECTS_QUEUE } from './refund-sync.service.ts'
import type { Refunds } from './service.ts'

/** What was wanted is so already. */
const ALREADY_SO: ReadonlySet<string> = new Set(['already_canceling', 'subscription_is_over'])

interface EffectsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly billing: Billing
  readonly cancellations: Cancellations
  readonly creditNotes: CreditNotes
  readonly jobs: Jobs
  readonly payments: Payments
  readonly refunds: Refunds
}

/**
 * What follows once the money is on its way back: the subscription the payment was for ends, and a credit note is issued.
 * Each step is harmless to repeat; only after all of them is the refund marked.
 */
export function createRefundEffects(deps: EffectsDeps): void {
  const { database, accounts, billing, cancellations, creditNotes, jobs, payments, refunds } = deps

  async function endAccess({ mode, accessEffect }: Refund, { invoiceId }: Payment): Promise<void> {
    if (accessEffect === 'none' || invoiceId === null) return
    const { invoice } = await billing.get(mode, invoiceId)
    if (invoice.subscriptionId === null) return
    const timing = accessEffect === 'cancel_now' ? 'now' : 'period_end'
    try {
      await cancellations.cancel(systemCaller(mode), invoice.subscriptionId, timing)
    } catch (error) {
      if (!(error instanceof AppError) || !ALREADY_SO.has(error.code)) throw error
    }
  }

  async function issueNote(refund: Refund, { invoiceId }: Payment): Promise<void> {
    if (!refund.issuesCreditNote || invoiceId === null) return
    await creditNotes.issueForRefund(refund, invoiceId)
  }

  jobs.handle(EFFECTS_QUEUE, async ({ payload, complete }) => {
    const { mode, refundId } = payload as { mode: Mode; refundId: string }
    const refund = await refunds.get(mode, refundId)
    if (refund.effectsAppliedAt !== null || refund.state !== 'succeeded') return
    const payment = await payments.get(mode, refund.paymentId)
    await endAccess(refund, payment)
    await issueNote(refund, payment)
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, refund.customerId)
      const current = await refunds.get(mode, refundId, tx)
      await refunds.markEffectsApplied(tx, current, accounts.now(customer))
      await complete(tx)
    })
  })
}

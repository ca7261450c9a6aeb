import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import { notFound } from '../../errors.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Payments } from '../payments/service.ts'
import { isSettled, type Refund } from './refund.ts'
import type { RefundHook } from './refund-sync.service.ts'
import * as store from './store.ts'

/** Asking Stripe is this queue's: a crash between our row and Stripe's answer leaves the job. */
export const SEND_QUEUE = 'refund.send'

interface ChangeDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly jobs: Jobs
  readonly payments: Payments
  readonly hooks: readonly RefundHook[]
}

export type RefundChange = ReturnType<typeof createRefundChange>

/** One step of a refund that Stripe did not tell of: under the lock, unless it is over already. */
export function createRefundChange(deps: ChangeDeps) {
  const { database, accounts, audit, jobs, payments, hooks } = deps

  return async (
    caller: Caller,
    { mode, id, customerId }: Refund,
    action: string,
    to: (current: Refund, now: Instant) => Refund,
  ): Promise<void> => {
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const before = await store.find(tx, mode, id)
      if (before === undefined) throw notFound('refund')
      if (isSettled(before.state)) return
      const now = accounts.now(customer)
      const after = to(before, now)
      await store.save(tx, after, now)
      const payment = await payments.get(mode, after.paymentId, tx)
      if (after.state !== before.state) {
        for (const hook of hooks) await hook(tx, after, before, payment)
      }
      if (after.state === 'requested' && after.approval === 'approved') {
        await jobs.enqueue(tx, SEND_QUEUE, { mode, refundId: id }, { key: id })
      }
      await audit.record(tx, caller, {
        action,
        targetKind: 'refund',
        targetId: id,
        customerId,
        after: { state: after.state, approval: after.approval, failure: after.failureMessage },
      })
    })
  }
}

import { newId } from '../../kit/id.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { StripeRefund } from '../../stripe/refunds.ts'
import type { Accounts } from '../accounts/service.ts'
import { stripeCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connected } from '../connections/service.ts'
import type { Payment } from '../payments/payment.ts'
import type { Payments } from '../payments/service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { isSettled, reasonOfStripe, type Refund, refundStateOf } from './refund.ts'
import * as store from './store.ts'

/** Told, inside the transaction, that a refund reached a new state. */
export type RefundHook = (
  tx: Db,
  refund: Refund,
  before: Refund | undefined,
  payment: Payment,
) => Promise<void>

/** What follows from a refund that succeeded is done by this queue: ending access asks Stripe. */
export const EFFECTS_QUEUE = 'refund.effects'

interface RefundSyncDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly jobs: Jobs
  readonly payments: Payments
  readonly hooks: readonly RefundHook[]
}

/** Mirrors refunds: ours get their outcome, those made in Stripe get a row. */
export function createRefundSync(deps: RefundSyncDeps): Sync<StripeRefund> {
  const { accounts, audit, jobs, payments, hooks } = deps

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeRefund,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    if (stripe.paymentIntentId === null) return { kind: 'ignored', why: 'it has no payment intent' }
    const payment = await payments.findByIntent(mode, stripe.paymentIntentId, tx)
    if (payment === undefined) return { kind: 'parked', why: 'its payment is not known yet' }
    const customer = await accounts.lock(tx, mode, payment.customerId)
    const before = await known(tx, stripe, payment)
    if (before !== undefined && before.providerTicket > ticket) return APPLIED

    const now = accounts.now(customer)
    const state = refundStateOf(stripe.status)
    const refund: Refund = {
      ...(before ?? imported(stripe, payment, newId('refund', now))),
      amount: { amountMinor: stripe.amountMinor, currency: stripe.currency },
      state,
      failureCode: stripe.failureReason,
      failureMessage:
        stripe.failureReason === null ? null : stripe.failureReason.replaceAll('_', ' '),
      stripeRefundId: stripe.id,
      providerTicket: ticket,
      settledAt: isSettled(state) ? (before?.state === state ? before.settledAt : now) : null,
    }
    await store.save(tx, refund, now)
    if (before?.state === state) return APPLIED
    for (const hook of hooks) await hook(tx, refund, before, payment)
    if (state === 'succeeded' && refund.effectsAppliedAt === null) {
      await jobs.enqueue(tx, EFFECTS_QUEUE, { mode, refundId: refund.id }, { key: refund.id })
    }
    await audit.record(tx, stripeCaller(mode), {
      action: `refund.${state}`,
      targetKind: 'refund',
      targetId: refund.id,
      customerId: refund.customerId,
      after: { amountMinor: String(refund.amount.amountMinor), failureCode: refund.failureCode },
    })
    return APPLIED
  }

  /** By Stripe's id, or by ours when its answer never reached us. */
  async function known(
    tx: Db,
    stripe: StripeRefund,
    payment: Payment,
  ): Promise<Refund | undefined> {
    const byStripe = await store.findByStripeId(tx, payment.mode, stripe.id)
    if (byStripe !== undefined || stripe.refundId === null) return byStripe
    const asked = await store.find(tx, payment.mode, stripe.refundId)
    const isOurs = asked?.paymentId === payment.id && asked.stripeRefundId === null
    return isOurs ? asked : undefined
  }

  return { fetch: ({ api }, id) => api.refunds.find(id), apply }
}

/** Made in Stripe's dashboard: nothing follows from it but that the money is gone. */
function imported(stripe: StripeRefund, payment: Payment, id: string): Refund {
  return {
    mode: payment.mode,
    id,
    paymentId: payment.id,
    customerId: payment.customerId,
    amount: { amountMinor: stripe.amountMinor, currency: stripe.currency },
    state: 'pending',
    reason: reasonOfStripe(stripe.reason),
    note: null,
    accessEffect: 'none',
    creditEffect: 'none',
    issuesCreditNote: false,
    origin: 'stripe',
    approval: 'not_needed',
    requestedBy: null,
    approvedBy: null,
    failureCode: null,
    failureMessage: null,
    stripeRefundId: stripe.id,
    providerTicket: 0n,
    effectsAppliedAt: null,
    createdAt: stripe.createdAt,
    settledAt: null,
  }
}

import { AppError, notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { StripeRefund } from '../../stripe/refunds.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Connections } from '../connections/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import type { RefundChange } from './change.service.ts'
import { stripeReasonOf } from './decide-refund.ts'
import { isSettled, type Refund } from './refund.ts'
import * as store from './store.ts'

interface SendDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly connections: Connections
  readonly look: Look
  readonly payments: Payments
  readonly refundSync: Sync<StripeRefund>
  readonly change: RefundChange
}

/** How a refund gets to Stripe, and its answer back. */
export function createRefundSender(deps: SendDeps) {
  const { database, accounts, connections, look, payments, refundSync, change } = deps

  async function get(mode: Mode, id: string, db = database.db): Promise<Refund> {
    const refund = await store.find(db, mode, id)
    if (refund === undefined) throw notFound('refund')
    return refund
  }

  /**
   * Asks Stripe for the money, or finds out what an earlier try led to: Stripe forgets keys after a day, but it lists the
   * refunds of the payment. Without an answer the refund stays pending, and is asked about again.
   */
  async function send(mode: Mode, id: string): Promise<void> {
    const refund = await get(mode, id)
    if (isSettled(refund.state) || refund.approval === 'waiting') return
    if (refund.stripeRefundId !== null)
      return void (await look(mode, refundSync, refund.stripeRefundId))
    const payment = await payments.get(mode, refund.paymentId)
    const paymentIntentId = payment.stripePaymentIntentId
    if (paymentIntentId === null) return settleFailed(refund, 'not_in_stripe', 'not paid by Stripe')
    const connected = await connections.stripe(mode)
    const { api } = connected
    const ticket = await connections.ticket()
    try {
      const earlier =
        refund.state === 'pending'
          ? (await api.refunds.listOfPayment(paymentIntentId)).find(
              ({ refundId }) => refundId === id,
            )
          : undefined
      const stripe =
        earlier ??
        (await api.refunds.create({
          refundId: id,
          paymentIntentId,
          amountMinor: refund.amount.amountMinor,
          currency: refund.amount.currency,
          stripeReason: stripeReasonOf(refund.reason),
          reason: refund.reason,
        }))
      await database.transaction((tx) => refundSync.apply(tx, connected, stripe, ticket))
    } catch (error) {
      if (!(error instanceof AppError)) throw error
      if (error.code === 'stripe_rejected' || error.code === 'stripe_object_missing') {
        return settleFailed(refund, error.code, error.message)
      }
      await markUnknown(refund)
      throw error
    }
    await look(mode, payments.paymentSync, paymentIntentId)
  }

  /** Stripe refused: nothing was given back, and the amount is free again. */
  async function settleFailed(refund: Refund, code: string, message: string): Promise<void> {
    await change(systemCaller(refund.mode), refund, 'refund.failed', (current, now) => ({
      ...current,
      state: 'failed',
      failureCode: code,
      failureMessage: message,
      settledAt: now,
    }))
  }

  /** Whether it happened only Stripe knows; the amount stays spoken for until it tells. */
  async function markUnknown({ mode, id, customerId, state }: Refund): Promise<void> {
    if (state !== 'requested') return
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const current = await get(mode, id, tx)
      if (current.state !== 'requested') return
      await store.save(tx, { ...current, state: 'pending' }, accounts.now(customer))
    })
  }

  return send
}

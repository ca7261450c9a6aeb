import { newId } from '../../kit/id.ts'
import type { Db } from '../../platform/database/database.ts'
import type { StripePayment } from '../../stripe/payments.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Billing } from '../billing/service.ts'
import type { Connected } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import { APPLIED, STRANGER, type Sync, type SyncResult } from '../webhooks/sync.ts'
import { type Payment, stateOf, trackProcessing } from './payment.ts'
import * as store from './store.ts'

/** Told, inside the transaction, what became of a payment. */
export type PaymentHook = (
  tx: Db,
  payment: Payment,
  before: Payment | undefined,
  stripe: StripePayment,
) => Promise<void>

interface PaymentSyncDeps {
  readonly accounts: Accounts
  readonly billing: Billing
  readonly stripeCustomers: StripeCustomers
  readonly hooks: readonly PaymentHook[]
}

/** Mirrors a payment intent of Stripe's with every charge that was tried for it. */
export function createPaymentSync(deps: PaymentSyncDeps): Sync<StripePayment> {
  const { accounts, billing, stripeCustomers, hooks } = deps

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripePayment,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { mode } = connected.scope
    if (stripe.stripeCustomerId === null) return { kind: 'ignored', why: 'it has no customer' }
    const customerId = await stripeCustomers.find(connected, stripe.stripeCustomerId, tx)
    if (customerId === undefined) return STRANGER
    const invoice =
      stripe.stripeInvoiceId === null
        ? undefined
        : await billing.findByStripeId(mode, stripe.stripeInvoiceId, tx)
    if (stripe.stripeInvoiceId !== null && invoice === undefined) {
      return { kind: 'parked', why: 'its invoice is not known yet' }
    }
    const customer = await accounts.lock(tx, mode, customerId)
    const known = await store.findByIntent(tx, mode, stripe.paymentIntentId)
    if (known !== undefined && known.providerTicket > ticket) return APPLIED

    const now = accounts.now(customer)
    const before = known?.payment
    const disputeStanding = before?.disputeStanding ?? 'none'
    const state = stateOf({ ...stripe, disputeStanding })
    const payment: Payment = {
      mode,
      id: before?.id ?? newId('payment', now),
      customerId,
      invoiceId: invoice?.id ?? null,
      amount: { amountMinor: stripe.amountMinor, currency: stripe.currency },
      capturedMinor: stripe.capturedMinor,
      refundedMinor: stripe.refundedMinor,
      fee: stripe.fee,
      state,
      failureCode: stripe.failureCode,
      failureMessage: stripe.failureMessage,
      method: stripe.method,
      receiptUrl: stripe.receiptUrl,
      processing: trackProcessing(before?.processing ?? [], state, now),
      disputeStanding,
      stripePaymentIntentId: stripe.paymentIntentId,
      stripeChargeId: stripe.chargeId,
      createdAt: stripe.createdAt,
    }
    await store.save(tx, payment, ticket, now)
    await store.saveAttempts(tx, payment, stripe.charges, now)
    if (invoice !== undefined && invoice.subscriptionId !== null && before?.state !== state) {
      await billing.refreshStanding(tx, mode, invoice.subscriptionId)
    }
    for (const hook of hooks) await hook(tx, payment, before, stripe)
    return APPLIED
  }

  return { fetch: ({ api }, id) => api.payments.find(id), apply }
}

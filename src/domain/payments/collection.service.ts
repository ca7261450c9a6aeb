import { AppError, invalidRequest, notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { StripeApi } from '../../stripe/client.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Invoice } from '../billing/invoice.ts'
import {
  type OfflineInvoices,
  type OutsidePayment,
  refusePart,
} from '../billing/offline-invoices.service.ts'
import type { Billing } from '../billing/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Payments } from './service.ts'

interface CollectionDeps {
  readonly database: Database
  readonly audit: Audit
  readonly billing: Billing
  readonly connections: Connections
  readonly look: Look
  readonly offlineInvoices: OfflineInvoices
  readonly payments: Payments
}

export type Collection = ReturnType<typeof createCollection>

/** What people and dunning do about an invoice: collect it now, say it was paid elsewhere, write it off, void it. */
export function createCollection(deps: CollectionDeps) {
  const { database, audit, billing, connections, look, offlineInvoices, payments } = deps

  async function open(
    mode: Mode,
    invoiceId: string,
  ): Promise<Invoice & { stripeInvoiceId: string }> {
    const { invoice } = await billing.get(mode, invoiceId)
    const { state, stripeInvoiceId } = invoice
    if (invoice.isOffline) throw new AppError('invoice_not_collectible', {})
    if (stripeInvoiceId === null) throw notFound('invoice')
    if (state !== 'open' && state !== 'uncollectible') {
      throw new AppError('invoice_not_open', { state })
    }
    return { ...invoice, stripeInvoiceId }
  }

  /** What Stripe now says about the invoice and its payments, without waiting for the events. */
  async function see(mode: Mode, { id, stripeInvoiceId }: Invoice): Promise<void> {
    if (stripeInvoiceId !== null) await look(mode, billing.invoiceSync, stripeInvoiceId)
    for (const { stripePaymentIntentId } of await payments.ofInvoice(mode, id)) {
      if (stripePaymentIntentId !== null) {
        await look(mode, payments.paymentSync, stripePaymentIntentId)
      }
    }
  }

  async function record(
    caller: Caller,
    action: string,
    invoice: Invoice,
    reference: string | null = null,
  ): Promise<void> {
    await database.transaction(async (tx) => {
      if (reference !== null) await billing.noteReference(tx, invoice, reference)
      await audit.record(tx, caller, {
        action,
        targetKind: 'invoice',
        targetId: invoice.id,
        customerId: invoice.customerId,
        after: {
          amountDueMinor: String(invoice.amountDueMinor),
          ...(reference !== null && { reference }),
        },
      })
    })
  }

  async function settle(
    caller: Caller,
    invoiceId: string,
    action: string,
    tell: (api: StripeApi, stripeInvoiceId: string) => Promise<void>,
    payment: OutsidePayment | null = null,
  ): Promise<Invoice> {
    const { mode } = caller
    const invoice = await open(mode, invoiceId)
    if (payment !== null) {
      refusePart(invoice, payment)
      if (payment.paidAt !== null) {
        const message = 'is for invoices outside Stripe; Stripe takes the moment it is told'
        throw invalidRequest([{ path: 'paidAt', message }])
      }
    }
    const { api } = await connections.stripe(mode)
    await tell(api, invoice.stripeInvoiceId)
    await record(caller, action, invoice, payment?.reference)
    await see(mode, invoice)
    return (await billing.get(mode, invoiceId)).invoice
  }

  async function isOffline(mode: Mode, invoiceId: string): Promise<boolean> {
    return (await billing.get(mode, invoiceId)).invoice.isOffline
  }

  return {
    /**
     * Collects now. The key names the attempt: asked twice, it is charged once. Throws `card_declined` with the bank's
     * reason; what is known of the attempt is stored either way.
     */
    async pay(
      caller: Caller,
      invoiceId: string,
      methodId: string | null,
      key: string,
    ): Promise<Invoice> {
      const { mode } = caller
      const invoice = await open(mode, invoiceId)
      const { api } = await connections.stripe(mode)
      try {
        await api.invoices.pay(invoice.stripeInvoiceId, methodId, key)
        await record(caller, 'invoice.payment_requested', invoice)
      } catch (error) {
        await see(mode, invoice)
        const { invoice: seen } = await billing.get(mode, invoiceId)
        // Another attempt came first, such as the one a new card brings: what was asked for is true.
        if (seen.state === 'paid') return seen
        throw error
      }
      await see(mode, invoice)
      return (await billing.get(mode, invoiceId)).invoice
    },

    /** For whoever presses the button: one attempt per attempt that was there when they looked. */
    async payNow(caller: Caller, invoiceId: string): Promise<Invoice> {
      const attempts = await payments.attemptsOfInvoice(caller.mode, invoiceId)
      return this.pay(caller, invoiceId, null, `${invoiceId}:pay:${attempts.length}`)
    },

    /** The whole of it arrived another way. */
    async markPaid(caller: Caller, invoiceId: string, payment: OutsidePayment): Promise<Invoice> {
      if (await isOffline(caller.mode, invoiceId)) {
        return offlineInvoices.markPaid(caller, invoiceId, payment)
      }
      const tell = (api: StripeApi, id: string) => api.invoices.markPaid(id, `${invoiceId}:paid`)
      return settle(caller, invoiceId, 'invoice.marked_paid', tell, payment)
    },

    async writeOff(caller: Caller, invoiceId: string): Promise<Invoice> {
      if (await isOffline(caller.mode, invoiceId)) {
        return offlineInvoices.writeOff(caller, invoiceId)
      }
      return settle(caller, invoiceId, 'invoice.written_off', (api, id) =>
        api.invoices.markUncollectible(id, `${invoiceId}:uncollectible`),
      )
    },

    async void(caller: Caller, invoiceId: string): Promise<Invoice> {
      if (await isOffline(caller.mode, invoiceId)) return offlineInvoices.void(caller, invoiceId)
      return settle(caller, invoiceId, 'invoice.voided_by_operator', (api, id) =>
        api.invoices.void(id, `${invoiceId}:void`),
      )
    },
  }
}

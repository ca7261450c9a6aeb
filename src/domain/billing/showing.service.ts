import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeCollection, StripeInvoice } from '../../stripe/invoices.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import type { Invoice } from './invoice.ts'
import type { Items } from './items/service.ts'
import * as store from './store.ts'

const MAX_UNFINISHED_PER_RUN = 200

interface ShowingDeps {
  readonly accounts: Accounts
  readonly clocks: Clocks
  readonly connections: Connections
  readonly database: Database
  readonly invoiceSync: Sync<StripeInvoice>
  readonly items: Items
  readonly log: Log
  readonly look: Look
  readonly planChanges: PlanChanges
  readonly stripeCustomers: StripeCustomers
}

/** Makes Stripe show invoices of ours, exactly as they were written, and collect them. */
export function createShowing(deps: ShowingDeps): (mode: Mode) => Promise<void> {
  const { accounts, clocks, connections, database, invoiceSync, items, log, look } = deps
  const { planChanges, stripeCustomers } = deps

  async function show(invoice: Invoice): Promise<void> {
    const { mode, id: invoiceId, customerId, currency, subscriptionId } = invoice
    const connected = await connections.stripe(mode)
    const { api } = connected
    const customer = await accounts.get(mode, customerId)
    const stripeCustomerId = await stripeCustomers.ensure(connected, customer)
    const metadata = { farebox_subscription: subscriptionId ?? '' }
    const collection = collectionOf(invoice)
    const draft = { invoiceId, stripeCustomerId, currency, collection, metadata }
    const stripeInvoiceId = invoice.stripeInvoiceId ?? (await api.invoices.createDraft(draft))
    if (invoice.stripeInvoiceId === null) {
      await store.setStripeId(database.db, mode, invoiceId, stripeInvoiceId)
    }
    const of = { stripeCustomerId, stripeInvoiceId }
    await items.show(connected, invoiceId, of, accounts.now(customer))
    const change = await planChanges.findByInvoice(mode, invoiceId)
    // A change that waits for its payment is asked for once, and then is the customer's to pay or not.
    await api.invoices.finalize(stripeInvoiceId, change?.state !== 'awaiting_payment')
    // Whoever waits for access should not wait for Stripe's timer; what a bank refuses is tried again by that.
    if (collection.method === 'charge_automatically') {
      await api.invoices
        .pay(stripeInvoiceId, null, `${invoiceId}:pay`)
        .catch((error: unknown) => log.info('invoice.not_paid', { invoiceId, error }))
    }
    await look(mode, invoiceSync, stripeInvoiceId)
  }

  /** One that fails is tried again, ever more rarely, and holds up no other. */
  return async (mode) => {
    const { db } = database
    const now = clocks.now(mode)
    for (const invoice of await store.listUnfinished(db, mode, now, MAX_UNFINISHED_PER_RUN)) {
      await show(invoice).catch(async (error: unknown) => {
        log.error('invoice.not_shown', { invoiceId: invoice.id, error })
        await store.deferShowing(db, mode, invoice.id, now)
      })
    }
  }
}

function collectionOf({ collection, daysUntilDue }: Invoice): StripeCollection {
  return collection === 'send_invoice'
    ? { method: collection, daysUntilDue: daysUntilDue ?? 0 }
    : { method: collection }
}

import { MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { Accounts } from '../accounts/service.ts'
import { systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Connections } from '../connections/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { CreditPaymentsService } from './credit-payments/service.ts'
import type { Items } from './items/service.ts'
import type { WantedItems } from './items/wanted.service.ts'
import type { Rating } from './rating.service.ts'
import * as store from './store.ts'

/** Before a draft becomes final it is looked at once more, for what was counted in the meantime. */
const FINAL_LOOK_MS = 15 * MINUTE_MS
const MAX_DRAFTS_PER_RUN = 500

interface CompletionDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly creditPayments: CreditPaymentsService
  readonly items: Items
  readonly log: Log
  readonly rating: Rating
  readonly subscriptions: Subscriptions
  readonly wantedItems: WantedItems
}

/**
 * Puts on Stripe's renewal drafts what Stripe does not know of: cards it has no words for, and usage that came after its
 * own period was billed. Worked out when the draft appears and again before it becomes final.
 */
export function createCompletion(deps: CompletionDeps) {
  const { database, accounts, audit, clocks, connections, creditPayments, items, log } = deps
  const { rating, subscriptions, wantedItems } = deps

  /** Our rows first, in one transaction; null when there is nothing to complete any more. */
  async function decide(mode: Mode, invoiceId: string, customerId: string) {
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const invoice = await store.find(tx, mode, invoiceId)
      if (invoice?.state !== 'draft' || invoice.closesAt === null) return null
      const { subscriptionId, stripeInvoiceId } = invoice
      if (subscriptionId === null || stripeInvoiceId === null) return null
      const now = accounts.now(customer)
      const subscription = await subscriptions.get(mode, subscriptionId, tx)
      // Only renewals that Stripe makes lack something; an invoice of ours is complete from the start.
      if (subscription.engine !== 'stripe_subscription') return null
      const contract = await rating.contractOf(subscription, tx)
      const lines = await wantedItems.of(contract, invoice.closesAt, now, tx)
      const paid = await creditPayments.of(
        contract,
        invoice.closesAt,
        { invoiceId, charged: lines },
        now,
        tx,
      )
      await creditPayments.rehold(tx, customer, invoice, paid.taken)
      const wanted = [...lines, ...paid.items]
      const isChanged = await items.want(tx, { ...invoice, subscriptionId }, wanted, now)
      await store.markCompleted(tx, mode, invoiceId, now)
      if (isChanged) {
        await audit.record(tx, systemCaller(mode), {
          action: 'invoice.completed',
          targetKind: 'invoice',
          targetId: invoiceId,
          customerId,
          after: {
            lines: wanted.map(({ lineKey, amountMinor }) => [lineKey, String(amountMinor)]),
          },
        })
      }
      return { stripeInvoiceId, now }
    })
  }

  async function complete(mode: Mode, invoiceId: string, customerId: string): Promise<void> {
    const draft = await decide(mode, invoiceId, customerId)
    if (draft === null) return
    const connected = await connections.stripe(mode)
    const stripeCustomerId = await connections.externalId(connected.scope, 'customer', customerId)
    if (stripeCustomerId === undefined) return
    const { stripeInvoiceId, now } = draft
    await items.show(connected, invoiceId, { stripeCustomerId, stripeInvoiceId }, now)
  }

  return {
    /** Completes every draft that is due for it. One that fails is tried again and holds up no other. */
    async completeDue(mode: Mode, testClockId: string | null): Promise<number> {
      const now = clocks.now(mode, testClockId)
      const due = await store.listIncomplete(
        database.db,
        mode,
        testClockId,
        now,
        FINAL_LOOK_MS,
        MAX_DRAFTS_PER_RUN,
      )
      for (const { id, customerId } of due) {
        await complete(mode, id, customerId).catch((error: unknown) =>
          log.error('invoice.completion_failed', { invoiceId: id, error }),
        )
      }
      return due.length
    },
  }
}

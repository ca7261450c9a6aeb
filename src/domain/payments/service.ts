import { notFound } from '../../errors.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest, TimePage } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { StripePayment } from '../../stripe/payments.ts'
import type { Accounts } from '../accounts/service.ts'
import type { InvoiceAttempts } from '../billing/invoice-standing.ts'
import type { Billing } from '../billing/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import {
  type DisputeStanding,
  type Payment,
  type RecordedAttempt,
  stateAfterSale,
} from './payment.ts'
import { createPaymentSync, type PaymentHook } from './payment-sync.service.ts'
import * as store from './store.ts'

interface PaymentsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly billing: Billing
  readonly stripeCustomers: StripeCustomers
}

export type Payments = ReturnType<typeof createPayments>

export function createPayments(deps: PaymentsDeps) {
  const { database, accounts, billing } = deps
  const hooks: PaymentHook[] = []
  const paymentSync: Sync<StripePayment> = createPaymentSync({ ...deps, hooks })
  billing.judgeAttemptsBy(attemptsOf)

  /** How the tries to collect invoices went, for their payment status and for grace. */
  async function attemptsOf(
    tx: Db,
    mode: Mode,
    invoiceIds: readonly string[],
  ): Promise<ReadonlyMap<string, InvoiceAttempts>> {
    const payments = await store.listOfInvoices(tx, mode, invoiceIds)
    const byInvoice = Map.groupBy(payments, ({ invoiceId }) => invoiceId ?? '')
    return new Map([...byInvoice].map(([id, own]) => [id, standingOf(own)]))
  }

  return {
    paymentSync,

    /** Heard in the transaction in which a payment changes. */
    onPayment(hook: PaymentHook): void {
      hooks.push(hook)
    },

    list(mode: Mode, filter: store.PaymentFilter, page: PageRequest): Promise<Page<Payment>> {
      return store.list(database.db, mode, filter, page)
    },

    async get(mode: Mode, id: string, db: Db = database.db): Promise<Payment> {
      const payment = await store.find(db, mode, id)
      if (payment === undefined) throw notFound('payment')
      return payment
    },

    async findByIntent(
      mode: Mode,
      stripePaymentIntentId: string,
      db: Db = database.db,
    ): Promise<Payment | undefined> {
      return (await store.findByIntent(db, mode, stripePaymentIntentId))?.payment
    },

    attempts: (mode: Mode, paymentId: string): Promise<RecordedAttempt[]> =>
      store.listAttempts(database.db, mode, { paymentId }),

    /** Every try to collect from a customer, newest first. */
    attemptsOfCustomer: (mode: Mode, customerId: string, page: TimePage) =>
      store.listAttemptsOfCustomer(database.db, mode, customerId, page),

    /** Every try to collect an invoice, oldest first. */
    attemptsOfInvoice: (mode: Mode, invoiceId: string, db: Db = database.db) =>
      store.listAttempts(db, mode, { invoiceIds: [invoiceId] }),

    ofInvoice: (mode: Mode, invoiceId: string, db: Db = database.db) =>
      store.listOfInvoices(db, mode, [invoiceId]),

    statistics: (mode: Mode, since: number) => store.statistics(database.db, mode, since),

    /** The disputes' verdict on a payment; the caller holds the customer's lock. */
    async setDisputeStanding(
      tx: Db,
      mode: Mode,
      stripePaymentIntentId: string,
      disputeStanding: DisputeStanding,
    ): Promise<Payment> {
      const known = await store.findByIntent(tx, mode, stripePaymentIntentId)
      if (known === undefined) throw notFound('payment')
      const { payment, providerTicket } = known
      const state = stateAfterSale(payment, disputeStanding)
      const after = { ...payment, disputeStanding, state }
      const customer = await accounts.get(mode, payment.customerId, tx)
      await store.save(tx, after, providerTicket, accounts.now(customer))
      return after
    },
  }
}

/** Of several payments for one invoice the latest tells how the last attempt stands. */
function standingOf(payments: readonly Payment[]): InvoiceAttempts {
  const latest = payments.toSorted((a, b) => a.createdAt - b.createdAt).at(-1)
  const processing = payments.flatMap((payment) => payment.processing)
  switch (latest?.state) {
    case 'processing':
    case 'requires_action':
    case 'failed':
      return { attempt: latest.state, processing }
    default:
      return { attempt: 'none', processing }
  }
}

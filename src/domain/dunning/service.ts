import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Jobs } from '../../platform/jobs/jobs.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Audit } from '../audit/service.ts'
import type { Invoice } from '../billing/invoice.ts'
import type { Graces } from '../billing/graces.service.ts'
import type { Billing } from '../billing/service.ts'
import type { Notifications } from '../notifications/service.ts'
import type { Collection } from '../payments/collection.service.ts'
import type { PaymentMethods } from '../payments/methods/service.ts'
import type { Payments } from '../payments/service.ts'
import type { Settings } from '../settings/service.ts'
import type { Cancellations } from '../subscriptions/cancel.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { createActs } from './act.service.ts'
import { isHardDecline } from './decide-dunning.ts'
import { createReview, toCase } from './review.service.ts'
import * as store from './store.ts'
import type { StoredCase } from './stored-case.ts'

const MAX_DUE_PER_RUN = 200

interface DunningDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly billing: Billing
  readonly cancellations: Cancellations
  readonly collection: Collection
  readonly graces: Graces
  readonly jobs: Jobs
  readonly notifications: Notifications
  readonly paymentMethods: PaymentMethods
  readonly payments: Payments
  readonly settings: Settings
  readonly subscriptions: Subscriptions
}

export type Dunning = ReturnType<typeof createDunning>

/** What a customer who owes something should know. */
export interface PaymentProblem {
  readonly invoice: Invoice
  readonly openedAt: Instant
  /** Of an invoice that was sent: by when it is to be paid. Nothing is charged for it, and nothing may be wrong yet. */
  readonly dueAt: Instant | null
  /** When access stops, or stopped; null when it does not. */
  readonly blocksAt: Instant | null
  readonly nextAttemptAt: Instant | null
  readonly needsNewPaymentMethod: boolean
  readonly failureMessage: string | null
  /** Nobody tries to collect it any more; it can still be paid. */
  readonly isGivenUp: boolean
}

/** What is done about unpaid invoices: decided from their history whenever it changes, or time has passed. */
export function createDunning(deps: DunningDeps) {
  const { database, accounts, billing, paymentMethods, payments } = deps
  const { factsOf, review } = createReview(deps)
  createActs(deps)

  async function reviewOf(mode: Mode, customerId: string, invoiceId: string): Promise<void> {
    await database.transaction(async (tx) => {
      await accounts.lock(tx, mode, customerId)
      const invoice = await billing.find(mode, invoiceId, tx)
      if (invoice !== undefined) await review(tx, invoice)
    })
  }

  /** The oldest invoice that was written off and is still owed. Invoices of ours are paid as their pages say. */
  async function givenUpOf(customer: Customer): Promise<PaymentProblem | undefined> {
    const { mode, id: customerId } = customer
    const { data } = await billing.list(
      mode,
      { customerId, state: 'uncollectible' },
      { limit: 100 },
    )
    const invoice = data.findLast(
      (each) => !each.isOffline && each.amountDueMinor > each.amountPaidMinor,
    )
    if (invoice === undefined) return undefined
    const { attempts, blocksAt } = await factsOf(database.db, customer, invoice)
    const failed = attempts.findLast(({ state }) => state === 'failed')
    return {
      invoice,
      openedAt: failed?.attemptedAt ?? invoice.issuedAt ?? invoice.endsAt,
      dueAt: invoice.collection === 'send_invoice' ? invoice.dueAt : null,
      blocksAt,
      nextAttemptAt: null,
      needsNewPaymentMethod: false,
      failureMessage: failed?.failureMessage ?? null,
      isGivenUp: true,
    }
  }

  billing.onInvoice(review)

  payments.onPayment(async (tx, payment) => {
    if (payment.invoiceId === null) return
    const invoice = await billing.find(payment.mode, payment.invoiceId, tx)
    if (invoice !== undefined) await review(tx, invoice)
  })

  paymentMethods.onChange(async (tx, customer, news) => {
    if (news.kind !== 'default_changed') return
    const { mode } = customer
    const now = accounts.now(customer)
    for (const stored of await store.listOpenOfCustomer(tx, mode, customer.id)) {
      // Who pays by invoice is not charged because there is a card.
      if (stored.retries === 'none') continue
      const newPaymentMethodId = news.method.stripePaymentMethodId
      await store.save(tx, { ...stored, newPaymentMethodAt: now, newPaymentMethodId }, now)
      const invoice = await billing.find(mode, stored.invoiceId, tx)
      if (invoice !== undefined) await review(tx, invoice)
    }
  })

  return {
    list: (mode: Mode, filter: store.CaseFilter, page: PageRequest): Promise<Page<StoredCase>> =>
      store.list(database.db, mode, filter, page),

    /**
     * The oldest unpaid invoice of a customer, with what will happen about it: one whose payment failed before one that
     * only waits. Undefined when nothing is to be paid.
     */
    async problemOf(mode: Mode, customerId: string): Promise<PaymentProblem | undefined> {
      const { db } = database
      const open = await store.listOpenOfCustomer(db, mode, customerId)
      const stored = open.find(({ retries }) => retries !== 'none') ?? open[0]
      const customer = await accounts.get(mode, customerId)
      // What was given up keeps access shut, whatever else waits for its date.
      const givenUp = stored?.retries === 'none' || !stored ? await givenUpOf(customer) : undefined
      if (stored === undefined || givenUp !== undefined) return givenUp
      const { invoice } = await billing.get(mode, stored.invoiceId)
      const facts = await factsOf(db, customer, invoice)
      const failed = facts.attempts.findLast(({ state }) => state === 'failed')
      const attempts = toCase(stored, facts).attempts
      return {
        invoice,
        openedAt: stored.openedAt,
        dueAt: stored.retries === 'none' ? invoice.dueAt : null,
        blocksAt: facts.blocksAt,
        nextAttemptAt: nextAttempt(stored, invoice),
        needsNewPaymentMethod: isHardDecline(attempts),
        failureMessage: failed?.failureMessage ?? null,
        isGivenUp: false,
      }
    },

    async runDue(mode: Mode, now: Instant): Promise<void> {
      for (const due of await store.listDue(database.db, mode, now, MAX_DUE_PER_RUN)) {
        await reviewOf(mode, due.customerId, due.invoiceId)
      }
    },

    nextDue: (mode: Mode, after: Instant) => store.nextDue(database.db, mode, after),
  }
}

function nextAttempt({ retries, nextAt }: StoredCase, { nextAttemptAt }: Invoice): Instant | null {
  if (retries === 'none') return null
  return retries === 'stripe' ? nextAttemptAt : nextAt
}

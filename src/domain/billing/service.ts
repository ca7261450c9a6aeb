import { notFound } from '../../errors.ts'
import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Page, PageRequest } from '../../kit/page.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { StripeInvoice } from '../../stripe/invoices.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { type Caller, stripeCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connected } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Lifecycles } from '../subscriptions/lifecycle.service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import type { Stays } from '../subscriptions/stays/service.ts'
import { APPLIED, type Sync, type SyncResult } from '../webhooks/sync.ts'
import type { Charges } from './charges/service.ts'
import {
  dueAtOf,
  type Invoice,
  isForAnEvent,
  kindOf,
  kindWithin,
  type StoredLine,
} from './invoice.ts'
import { type AttemptsReader, invoiceStanding } from './invoice-standing.ts'
import type { LineMirror } from './mirror/line-mirror.service.ts'
import { type InvoiceStanding, paymentStatusOf } from './payment-status.ts'
import * as store from './store.ts'

/** Told, inside the transaction, that an invoice reached a new state; how mails and dunning begin. */
export type InvoiceHook = (tx: Db, invoice: Invoice, before: Invoice | undefined) => Promise<void>

interface BillingDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly changes: PlanChanges
  readonly charges: Charges
  readonly lineMirror: LineMirror
  readonly stripeCustomers: StripeCustomers
  readonly lifecycles: Lifecycles
  readonly stays: Stays
  readonly subscriptions: Subscriptions
}

export type Billing = ReturnType<typeof createBilling>

/** Invoices as Stripe makes them, and what they say about a subscription's payment status. */
export function createBilling(deps: BillingDeps) {
  const { database, accounts, audit, stripeCustomers, lifecycles } = deps
  const { changes, charges, lineMirror, stays, subscriptions } = deps
  const hooks: InvoiceHook[] = []
  let readAttempts: AttemptsReader = () => Promise.resolve(new Map())

  async function apply(
    tx: Db,
    connected: Connected,
    stripe: StripeInvoice,
    ticket: bigint,
  ): Promise<SyncResult> {
    const { scope } = connected
    const { mode } = scope
    const customerId = await stripeCustomers.find(connected, stripe.stripeCustomerId, tx)
    if (customerId === undefined) return { kind: 'ignored', why: 'the customer is none of ours' }
    const ours =
      stripe.invoiceId === null ? undefined : await store.find(tx, mode, stripe.invoiceId)
    const subscriptionId =
      stripe.stripeSubscriptionId === null
        ? (ours?.subscriptionId ?? null)
        : await changes.subscriptionOf(connected, stripe.stripeSubscriptionId, tx)
    if (subscriptionId === undefined)
      return { kind: 'parked', why: 'its subscription is not known yet' }
    const customer = await accounts.lock(tx, mode, customerId)
    const known = await store.findByStripeId(tx, mode, stripe.id)
    if (known !== undefined && known.providerTicket > ticket) return APPLIED

    const now = accounts.now(customer)
    const id = known?.invoice.id ?? ours?.id ?? newId('invoice', now)
    const mirrored = toInvoice(stripe, customer, subscriptionId, id)
    const history =
      ours === undefined && mirrored.kind === 'change' && subscriptionId !== null
        ? await stays.list(mode, subscriptionId, tx)
        : []
    const kind = kindWithin(mirrored.kind, stripe.createdAt, history)
    const invoice = {
      ...(ours === undefined ? { ...mirrored, kind } : withOwnTimes(mirrored, ours)),
      paymentReference: known?.invoice.paymentReference ?? null,
    }
    await store.save(tx, invoice, ticket, now)
    const subscription =
      subscriptionId === null ? undefined : await subscriptions.find(mode, subscriptionId, tx)
    // Finalized lines never change; until then they are what Stripe says now. A change's are read again once the change
    // has taken effect, because only then it is known which plan they are for.
    const isReadAnew = known === undefined || known.invoice.state === 'draft'
    if (isReadAnew || (isForAnEvent(invoice.kind) && invoice.state !== 'void')) {
      const read = await lineMirror.read(tx, connected, stripe, invoice, subscription)
      await store.replaceLines(tx, mode, invoice.id, read.lines, now)
      if (subscription !== undefined && invoice.state !== 'draft') {
        await lineMirror.settle(tx, subscription, invoice, read)
        // A period of ours is closed with its invoice; one of Stripe's waits for Stripe's.
        if (ours === undefined) {
          await lifecycles.closeBilled(tx, mode, subscription.id, stripe.endsAt)
        }
      }
    }
    const isVoided = invoice.state === 'void' && known?.invoice.state !== 'void'
    if (isVoided && isForAnEvent(invoice.kind)) await charges.unbill(tx, mode, invoice.id)
    await follow(tx, stripeCaller(mode), invoice, known?.invoice)
    return APPLIED
  }

  /** What follows from an invoice as it now is, whoever made it. The customer is locked. */
  async function follow(
    tx: Db,
    caller: Caller,
    invoice: Invoice,
    before: Invoice | undefined,
  ): Promise<void> {
    const { mode, id, customerId, subscriptionId, number, state, totalMinor } = invoice
    if (subscriptionId !== null) await refreshPaymentStatus(tx, mode, subscriptionId)
    for (const hook of hooks) await hook(tx, invoice, before)
    if (before?.state === state) return
    const reference = invoice.paymentReference
    await audit.record(tx, caller, {
      action: `invoice.${state}`,
      targetKind: 'invoice',
      targetId: id,
      customerId,
      after: { number, totalMinor: String(totalMinor), ...(reference !== null && { reference }) },
    })
  }

  async function refreshPaymentStatus(tx: Db, mode: Mode, subscriptionId: string): Promise<void> {
    const { status, overdueSince } = paymentStatusOf(await standings(mode, subscriptionId, tx))
    await lifecycles.setPaymentStatus(tx, mode, subscriptionId, status, overdueSince)
  }

  /** The invoices of a subscription as far as their payment is concerned. */
  async function standings(
    mode: Mode,
    subscriptionId: string,
    db: Db = database.db,
  ): Promise<InvoiceStanding[]> {
    const all = await store.listOfSubscription(db, mode, subscriptionId)
    const change = await changes.findOpen(mode, subscriptionId, db)
    // Nobody owes a change that waits for its payment: unpaid, it does not happen.
    const isOwed = ({ id, stripeInvoiceId }: Invoice) =>
      id !== change?.invoiceId &&
      (stripeInvoiceId === null || change?.stripeInvoiceId !== stripeInvoiceId)
    const invoices = all.filter(isOwed)
    const unpaid = invoices.filter(({ state }) => state === 'open' || state === 'uncollectible')
    const ids = unpaid.map(({ id }) => id)
    const attempts = await readAttempts(db, mode, ids)
    return invoices.map((invoice) => invoiceStanding(invoice, attempts.get(invoice.id)))
  }

  const invoiceSync: Sync<StripeInvoice> = {
    fetch: ({ api }, id) => api.invoices.find(id),
    apply,
  }

  return {
    invoiceSync,

    onInvoice(hook: InvoiceHook): void {
      hooks.push(hook)
    },

    standings,

    /** Writes what became of an invoice that Stripe knows nothing of. The customer is locked. */
    async saveOffline(tx: Db, caller: Caller, invoice: Invoice, before: Invoice, now: Instant) {
      await store.save(tx, invoice, 0n, now)
      await follow(tx, caller, invoice, before)
    },

    /** An operator said what an invoice was paid with. */
    noteReference: (tx: Db, { mode, id }: Invoice, reference: string): Promise<void> =>
      store.setReference(tx, mode, id, reference),

    refreshStanding: refreshPaymentStatus,

    /** Who knows the payments tells how the tries to collect an invoice went. */
    judgeAttemptsBy(reader: AttemptsReader): void {
      readAttempts = reader
    },

    list(mode: Mode, filter: store.InvoiceFilter, page: PageRequest): Promise<Page<Invoice>> {
      return store.list(database.db, mode, filter, page)
    },

    async get(mode: Mode, id: string): Promise<{ invoice: Invoice; lines: StoredLine[] }> {
      const invoice = await store.find(database.db, mode, id)
      if (invoice === undefined) throw notFound('invoice')
      return { invoice, lines: await store.listLines(database.db, mode, id) }
    },

    linesIn: (tx: Db, { mode, id }: Invoice): Promise<StoredLine[]> =>
      store.listLines(tx, mode, id),

    find: (mode: Mode, id: string, db: Db): Promise<Invoice | undefined> =>
      store.find(db, mode, id),

    async findByStripeId(
      mode: Mode,
      stripeInvoiceId: string,
      db: Db,
    ): Promise<Invoice | undefined> {
      return (await store.findByStripeId(db, mode, stripeInvoiceId))?.invoice
    },
  }
}

/** What an invoice is about is ours to say where we made it; Stripe knows it as one made by hand. */
function withOwnTimes(mirrored: Invoice, ours: Invoice): Invoice {
  const { kind, startsAt, endsAt, closesAt } = ours
  return { ...mirrored, kind, startsAt, endsAt, closesAt }
}

function toInvoice(
  stripe: StripeInvoice,
  { mode, id: customerId }: Customer,
  subscriptionId: string | null,
  id: string,
): Invoice {
  const startsAt: Instant = Math.min(stripe.startsAt, ...stripe.lines.map((line) => line.startsAt))
  return {
    mode,
    id,
    customerId,
    subscriptionId,
    kind: kindOf(stripe),
    number: stripe.number,
    state: stripe.status,
    currency: stripe.currency,
    subtotalMinor: stripe.subtotalMinor,
    discountMinor: stripe.discountMinor,
    taxMinor: stripe.taxMinor,
    totalMinor: stripe.totalMinor,
    amountDueMinor: stripe.amountDueMinor,
    amountPaidMinor: stripe.amountPaidMinor,
    startsAt,
    endsAt: Math.max(stripe.endsAt, ...stripe.lines.map((line) => line.endsAt)),
    closesAt: subscriptionId === null ? null : stripe.endsAt,
    finalizesAt: stripe.finalizesAt,
    issuedAt: stripe.finalizedAt,
    collection: stripe.collection,
    daysUntilDue: null,
    dueAt: dueAtOf(stripe),
    paidAt: stripe.paidAt,
    attemptCount: stripe.attemptCount,
    nextAttemptAt: stripe.nextAttemptAt,
    stripeInvoiceId: stripe.id,
    hostedUrl: stripe.hostedUrl,
    pdfUrl: stripe.pdfUrl,
    isOffline: false,
    paymentReference: null,
    createdAt: stripe.createdAt,
  }
}

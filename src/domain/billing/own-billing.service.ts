import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeInvoice } from '../../stripe/invoices.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { type Caller, systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { Redemptions } from '../coupons/redemptions/service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Lifecycles } from '../subscriptions/lifecycle.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { effectiveEnd, type Subscription } from '../subscriptions/subscription.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import { type Closing, closingOf } from './closing.ts'
import type { CreditPayments, TakenMoney } from './credit-payments/decide-payments.ts'
import type { CreditPaymentsService } from './credit-payments/service.ts'
import type { Invoice } from './invoice.ts'
import type { WantedItem } from './items/item.ts'
import type { Items } from './items/service.ts'
import type { WantedItems } from './items/wanted.service.ts'
import type { OfflineInvoices } from './offline-invoices.service.ts'
import type { Contract, Rating } from './rating.service.ts'
import * as store from './store.ts'
import { billingPeriodAt } from './terms.ts'

const MAX_UNFINISHED_PER_RUN = 200
/** More periods than this between two runs is a mistake, not a backlog. */
const MAX_PERIODS_AT_ONCE = 1_000
const NOTHING_PAID: CreditPayments = { items: [], taken: [] }

interface OwnBillingDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly creditPayments: CreditPaymentsService
  readonly database: Database
  readonly invoiceSync: Sync<StripeInvoice>
  readonly items: Items
  readonly lifecycles: Lifecycles
  readonly log: Log
  readonly offlineInvoices: OfflineInvoices
  readonly look: Look
  readonly planChanges: PlanChanges
  readonly rating: Rating
  readonly redemptions: Redemptions
  readonly subscriptions: Subscriptions
  readonly wantedItems: WantedItems
}

/** What closing a period would put on an invoice. */
export interface PeriodBill {
  readonly subscriptionId: string
  readonly customerId: string
  /** Stripe is not asked for any of it. */
  readonly isOffline: boolean
  readonly currency: string
  readonly kind: Invoice['kind']
  readonly closes: Period
  readonly lines: readonly WantedItem[]
  readonly paidByCredits: readonly TakenMoney[]
  readonly totalMinor: bigint
}

export type OwnBilling = ReturnType<typeof createOwnBilling>

/**
 * Subscriptions whose periods are ours: each that has ended is closed in one transaction, together with the invoice that
 * bills it. Then Stripe is made to show exactly that invoice, and collects it.
 */
export function createOwnBilling(deps: OwnBillingDeps) {
  const { accounts, audit, clocks, connections, creditPayments, database, items, lifecycles, log } =
    deps
  const { invoiceSync, look, offlineInvoices, planChanges } = deps
  const { rating, redemptions, subscriptions, wantedItems } = deps

  async function billOf(
    contract: Contract,
    kind: Invoice['kind'],
    closes: Period,
    opening: Period | null,
    now: Instant,
    db: Db,
  ): Promise<PeriodBill> {
    const { subscription, currency } = contract
    const { mode, id } = subscription
    const invoicedAt = kind === 'first' ? closes.startsAt : closes.endsAt
    const coupons = await redemptions.inForce(mode, id, currency, invoicedAt, db)
    const window = { closesAt: kind === 'first' ? null : closes.endsAt, opening }
    const charged = await wantedItems.ofOwn(contract, window, coupons, now, db)
    const paid =
      kind === 'first'
        ? NOTHING_PAID
        : await creditPayments.of(contract, closes.endsAt, { invoiceId: null, charged }, now, db)
    const lines = [...charged, ...paid.items]
    return {
      subscriptionId: subscription.id,
      customerId: subscription.customerId,
      isOffline: subscription.engine === 'offline',
      currency,
      kind,
      closes,
      lines,
      paidByCredits: paid.taken,
      totalMinor: lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    }
  }

  async function writeInvoice(
    tx: Db,
    caller: Caller,
    customer: Customer,
    bill: PeriodBill,
    opening: Period | null,
    now: Instant,
  ): Promise<void> {
    const { mode } = customer
    const { subscriptionId, customerId, currency, kind, closes, lines } = bill
    // What a coupon made free is still billed, or it would be found unbilled and asked for later.
    if (lines.every(({ charge }) => charge.grossMinor === 0n)) return
    const starts = Math.min(...lines.map(({ period }) => period.startsAt))
    const ends = Math.max(...lines.map(({ period }) => period.endsAt))
    const invoice = {
      ...blankInvoice(mode, newId('invoice', now), customerId, currency, now),
      subscriptionId,
      kind,
      subtotalMinor: bill.totalMinor,
      totalMinor: bill.totalMinor,
      startsAt: starts,
      endsAt: ends,
      closesAt: opening?.startsAt ?? closes.endsAt,
      isOffline: bill.isOffline,
    }
    await store.insertOwn(tx, invoice, now)
    await items.want(tx, invoice, lines, now)
    await redemptions.use(tx, mode, subscriptionId, invoice.id)
    await creditPayments.rehold(tx, customer, invoice, bill.paidByCredits)
    await audit.record(tx, caller, {
      action: 'invoice.drafted',
      targetKind: 'invoice',
      targetId: invoice.id,
      customerId,
      after: {
        kind,
        lines: lines.map(({ lineKey, amountMinor }) => [lineKey, String(amountMinor)]),
      },
    })
    if (invoice.isOffline) await offlineInvoices.issue(tx, caller, customer, invoice, now)
  }

  /** Closes the open period if it has ended; whether it had. */
  async function closeOne(caller: Caller, id: string, customerId: string): Promise<boolean> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const subscription = await subscriptions.find(mode, id, tx)
      const due = subscription && dueClosing(subscription, now)
      if (subscription === undefined || due === undefined) return false
      const { closes, isFinal } = due
      if (isFinal) await lifecycles.endIn(tx, caller, customer, subscription, closes.endsAt)
      const next = isFinal
        ? subscription
        : await planChanges.arriveBy(tx, customer, subscription, closes.endsAt)
      const contract = await rating.contractOf(next, tx)
      const opening = isFinal ? null : (billingPeriodAt(contract.terms, closes.endsAt) ?? null)
      const kind = isFinal ? 'final' : 'period'
      const bill = await billOf(contract, kind, closes, opening, now, tx)
      await writeInvoice(tx, caller, customer, bill, opening, now)
      if (opening !== null) await lifecycles.openPeriod(tx, next, opening, now)
      return true
    })
  }

  async function show(invoice: Invoice): Promise<void> {
    const { mode, id: invoiceId, customerId, currency, subscriptionId } = invoice
    const connected = await connections.stripe(mode)
    const { api, scope } = connected
    const stripeCustomerId = await connections.externalId(scope, 'customer', customerId)
    if (stripeCustomerId === undefined) throw new Error('The customer is not in Stripe')
    const metadata = { farebox_subscription: subscriptionId ?? '' }
    const stripeInvoiceId =
      invoice.stripeInvoiceId ??
      (await api.invoices.createDraft({ invoiceId, stripeCustomerId, currency, metadata }))
    if (invoice.stripeInvoiceId === null) {
      await store.setStripeId(database.db, mode, invoiceId, stripeInvoiceId)
    }
    const customer = await accounts.get(mode, customerId)
    const of = { stripeCustomerId, stripeInvoiceId }
    await items.show(connected, invoiceId, of, accounts.now(customer))
    await api.invoices.finalize(stripeInvoiceId)
    // Whoever waits for access should not wait for Stripe's timer; what a bank refuses is tried again by that.
    await api.invoices
      .pay(stripeInvoiceId, null, `${invoiceId}:pay`)
      .catch((error: unknown) => log.info('invoice.not_paid', { invoiceId, error }))
    await look(mode, invoiceSync, stripeInvoiceId)
  }

  return {
    /** The invoice a subscription begins with: fees for its first period. The customer is locked. */
    async bill(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
    ): Promise<bigint> {
      const now = accounts.now(customer)
      const contract = await rating.contractOf(subscription, tx)
      const opening = billingPeriodAt(contract.terms, subscription.startsAt)
      if (opening === undefined) return 0n
      const bill = await billOf(contract, 'first', opening, opening, now, tx)
      await writeInvoice(tx, caller, customer, bill, opening, now)
      return bill.totalMinor
    },

    /** Ends the open period where a pause begins: what was used is billed, what was paid ahead given back. */
    async billPause(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      at: Instant,
    ): Promise<void> {
      const { currentPeriod } = subscription
      if (currentPeriod === null) return
      const contract = await rating.contractOf(subscription, tx)
      const closes = { startsAt: currentPeriod.startsAt, endsAt: at }
      const bill = await billOf(contract, 'change', closes, null, at, tx)
      const lines = [...bill.lines, ...(await wantedItems.credits(contract, at, tx))]
      const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      await writeInvoice(tx, caller, customer, { ...bill, lines, totalMinor }, null, at)
      await lifecycles.closePeriod(tx, subscription, at)
    },

    /** What an ended subscription of Stripe's has used and no invoice shows. Nothing while one may still change. */
    async billRest(caller: Caller, { mode, id, customerId }: Subscription): Promise<void> {
      await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const subscription = await subscriptions.get(mode, id, tx)
        const { endsAt, startsAt } = subscription
        if (endsAt === null || endsAt <= startsAt) return
        const invoices = await store.listOfSubscription(tx, mode, id)
        if (invoices.some(({ state }) => state === 'draft')) return
        const now = accounts.now(customer)
        // Stripe bills nothing of it any more, so whatever is on no invoice is for us to bill.
        const contract = { ...(await rating.contractOf(subscription, tx)), isBilledHere: true }
        const closes = { startsAt, endsAt }
        const bill = await billOf(contract, 'final', closes, null, now, tx)
        await writeInvoice(tx, caller, customer, bill, null, now)
      })
    },

    /** Opens the rest of the period in which a pause ends, and bills it. */
    async billResumption(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      at: Instant,
    ): Promise<void> {
      const contract = await rating.contractOf(subscription, tx)
      const opening = billingPeriodAt(contract.terms, at)
      if (opening === undefined) return
      const bill = await billOf(contract, 'first', opening, opening, at, tx)
      await writeInvoice(tx, caller, customer, { ...bill, kind: 'change' }, opening, at)
      await lifecycles.openPeriod(tx, subscription, opening, at)
    },

    /** Closes every period of a subscription that has ended; how many there were. */
    async catchUp(caller: Caller, subscriptionId: string, customerId: string): Promise<number> {
      for (let count = 0; count < MAX_PERIODS_AT_ONCE; count++) {
        if (!(await closeOne(caller, subscriptionId, customerId))) return count
      }
      throw new Error(`${subscriptionId} has more than ${MAX_PERIODS_AT_ONCE} periods to close`)
    },

    /** What closing its period would bill; nothing is written. Undefined while the period runs. */
    async rehearse(mode: Mode, subscriptionId: string): Promise<PeriodBill | undefined> {
      const subscription = await subscriptions.get(mode, subscriptionId)
      const customer = await accounts.get(mode, subscription.customerId)
      const now = accounts.now(customer)
      const due = dueClosing(subscription, now)
      if (due === undefined) return undefined
      const contract = await rating.contractOf(subscription)
      const { closes, isFinal } = due
      const opening = isFinal ? null : (billingPeriodAt(contract.terms, closes.endsAt) ?? null)
      return billOf(contract, isFinal ? 'final' : 'period', closes, opening, now, database.db)
    },

    /** Makes Stripe show what was closed. One that fails is tried again, ever more rarely, and holds up no other. */
    async showDue(mode: Mode): Promise<void> {
      const { db } = database
      const now = clocks.now(mode)
      for (const invoice of await store.listUnfinished(db, mode, now, MAX_UNFINISHED_PER_RUN)) {
        await show(invoice).catch(async (error: unknown) => {
          log.error('invoice.not_shown', { invoiceId: invoice.id, error })
          await store.deferShowing(db, mode, invoice.id, now)
        })
      }
    },

    /** A subscription that waited for its first payment has it. */
    async activatePaid(tx: Db, invoice: Invoice): Promise<void> {
      const { mode, subscriptionId, kind, state } = invoice
      if (kind !== 'first' || state !== 'paid' || subscriptionId === null) return
      const subscription = await subscriptions.find(mode, subscriptionId, tx)
      if (subscription?.engine !== 'stripe_invoice' || subscription.activatedAt !== null) return
      await lifecycles.activate(tx, systemCaller(mode), subscription)
    },
  }
}

/** The open period, as far as it reaches, if that is over. */
function dueClosing(subscription: Subscription, now: Instant): Closing | undefined {
  const { currentPeriod, closedAt, activatedAt, pausedAt } = subscription
  if (closedAt !== null || activatedAt === null) return undefined
  if (currentPeriod === null) {
    // While it is paused there is no period, and only an end is due.
    const end = effectiveEnd(subscription)
    if (pausedAt === null || end === null || end > now) return undefined
    return { closes: { startsAt: pausedAt, endsAt: Math.max(end, pausedAt) }, isFinal: true }
  }
  const closing = closingOf(subscription, currentPeriod)
  return closing.closes.endsAt > now ? undefined : closing
}

function blankInvoice(
  mode: Mode,
  id: string,
  customerId: string,
  currency: string,
  now: Instant,
): Invoice {
  return {
    mode,
    id,
    customerId,
    subscriptionId: null,
    kind: 'period',
    number: null,
    state: 'draft',
    currency,
    subtotalMinor: 0n,
    discountMinor: 0n,
    taxMinor: 0n,
    totalMinor: 0n,
    amountDueMinor: 0n,
    amountPaidMinor: 0n,
    startsAt: now,
    endsAt: now,
    closesAt: null,
    finalizesAt: null,
    issuedAt: null,
    dueAt: null,
    paidAt: null,
    attemptCount: 0,
    nextAttemptAt: null,
    stripeInvoiceId: null,
    hostedUrl: null,
    pdfUrl: null,
    isOffline: false,
    paymentReference: null,
    createdAt: now,
  }
}

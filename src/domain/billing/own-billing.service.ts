import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Log } from '../../platform/log.ts'
import type { StripeCollection, StripeInvoice } from '../../stripe/invoices.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import { type Caller, systemCaller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Connections } from '../connections/service.ts'
import type { StripeCustomers } from '../connections/stripe-customers.service.ts'
import type { Redemptions } from '../coupons/redemptions/service.ts'
import type { PlanChanges } from '../subscriptions/changes/service.ts'
import type { Lifecycles } from '../subscriptions/lifecycle.service.ts'
import type { Moves } from '../subscriptions/moves.service.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { effectiveEnd, type Subscription } from '../subscriptions/subscription.ts'
import type { Look } from '../webhooks/look.service.ts'
import type { Sync } from '../webhooks/sync.ts'
import { createBills, type PeriodBill } from './bills.service.ts'
import { type Closing, closingOf } from './closing.ts'
import type { CreditPaymentsService } from './credit-payments/service.ts'
import type { DueDates } from './due-dates.service.ts'
import type { Invoice } from './invoice.ts'
import type { InvoiceLine } from './invoice-line.ts'
import type { Items } from './items/service.ts'
import type { WantedItems } from './items/wanted.service.ts'
import type { OfflineInvoices } from './offline-invoices.service.ts'
import { createShowing } from './showing.service.ts'
import type { Rating } from './rating.service.ts'
import * as store from './store.ts'
import { billingPeriodAt } from './terms.ts'

/** More periods than this between two runs is a mistake, not a backlog. */
const MAX_PERIODS_AT_ONCE = 1_000

interface OwnBillingDeps {
  readonly accounts: Accounts
  readonly audit: Audit
  readonly clocks: Clocks
  readonly connections: Connections
  readonly creditPayments: CreditPaymentsService
  readonly database: Database
  readonly dueDates: DueDates
  readonly invoiceSync: Sync<StripeInvoice>
  readonly items: Items
  readonly lifecycles: Lifecycles
  readonly log: Log
  readonly offlineInvoices: OfflineInvoices
  readonly look: Look
  readonly moves: Moves
  readonly planChanges: PlanChanges
  readonly rating: Rating
  readonly redemptions: Redemptions
  readonly stripeCustomers: StripeCustomers
  readonly subscriptions: Subscriptions
  readonly wantedItems: WantedItems
}

/** What a change costs at once, and who asks for it. */
export interface ChangeBill {
  readonly lines: readonly InvoiceLine[]
  readonly at: Instant
  readonly isOffline: boolean
  readonly collection: StripeCollection
}

export type OwnBilling = ReturnType<typeof createOwnBilling>

/**
 * Subscriptions whose periods are ours: each that has ended is closed in one transaction, together with the invoice that
 * bills it. Then Stripe is made to show exactly that invoice, and collects it.
 */
export function createOwnBilling(deps: OwnBillingDeps) {
  const { accounts, database, lifecycles, planChanges, rating } = deps
  const { moves, redemptions, subscriptions, wantedItems } = deps
  const { billOf, writeInvoice } = createBills(deps)
  const showDue = createShowing(deps)

  /** Closes the open period if it has ended; whether it had, and whether the next one may have ended, too. */
  async function closeOne(
    caller: Caller,
    id: string,
    customerId: string,
  ): Promise<{ isClosed: boolean; mayBeMore: boolean }> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const subscription = await subscriptions.find(mode, id, tx)
      const due = subscription && dueClosing(subscription, now)
      if (subscription === undefined || due === undefined) {
        return { isClosed: false, mayBeMore: false }
      }
      const { closes } = due
      const isLeft = await planChanges.isLeftBy(mode, id, closes.endsAt, tx)
      const isFinal = due.isFinal || isLeft
      if (isFinal) await end(tx, caller, customer, subscription, closes.endsAt)
      const next = isFinal
        ? subscription
        : await planChanges.arriveBy(tx, customer, subscription, closes.endsAt)
      const contract = await rating.contractOf(next, tx)
      const opening = isFinal ? null : (billingPeriodAt(contract.terms, closes.endsAt) ?? null)
      const kind = isFinal ? 'final' : 'period'
      const bill = await billOf(contract, kind, closes, opening, now, tx)
      await writeInvoice(tx, caller, customer, bill, opening, now)
      if (opening === null) return { isClosed: true, mayBeMore: true }
      await lifecycles.openPeriod(tx, next, opening, now)
      await moves.followPhase(tx, customer, await subscriptions.get(mode, id, tx))
      return { isClosed: true, mayBeMore: closingOf(next, opening).closes.endsAt <= now }
    })
  }

  /** What was meant to take its place does. */
  async function end(
    tx: Db,
    caller: Caller,
    customer: Customer,
    subscription: Subscription,
    at: Instant,
  ): Promise<void> {
    const successor = await planChanges.successorOf(tx, customer, subscription)
    await lifecycles.endIn(tx, caller, customer, subscription, at, successor)
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
      const bill = await billOf(contract, 'pause', closes, null, at, tx)
      const lines = [...bill.lines, ...(await wantedItems.credits(contract, at, tx))]
      const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
      await writeInvoice(tx, caller, customer, { ...bill, lines, totalMinor }, null, at)
      await lifecycles.closePeriod(tx, subscription, at)
    },

    /** The fees and credits of a change that we carry out, as they were quoted. Answers the invoice, if there is one. */
    async billChange(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      { lines, at, isOffline, collection }: ChangeBill,
    ): Promise<string | null> {
      const items = wantedItems.ofChange(lines)
      const bill = {
        subscriptionId: subscription.id,
        customerId: customer.id,
        isOffline,
        collection,
        currency: subscription.currency,
        kind: 'change' as const,
        closes: { startsAt: at, endsAt: at },
        lines: items,
        paidByCredits: [],
        totalMinor: items.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
      }
      return writeInvoice(tx, caller, customer, bill, null, accounts.now(customer))
    },

    /** Ends what we bill at once, with an invoice for what was used. */
    async endNow(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      at: Instant,
    ): Promise<void> {
      const startsAt = subscription.currentPeriod?.startsAt ?? at
      await end(tx, caller, customer, subscription, at)
      const contract = await rating.contractOf(subscription, tx)
      const now = accounts.now(customer)
      const bill = await billOf(contract, 'final', { startsAt, endsAt: at }, null, now, tx)
      await writeInvoice(tx, caller, customer, bill, null, now)
    },

    /** Coupons for one invoice that Stripe has taken off its first are not for one of ours as well. */
    async noteStripeCoupons(tx: Db, { mode, id }: Subscription): Promise<void> {
      const [invoice] = await store.listOfSubscription(tx, mode, id)
      if (invoice !== undefined) await redemptions.use(tx, mode, id, invoice.id)
    },

    /** The period in which a plan of ours goes on where Stripe has ended its subscription. Its usage Stripe bills. */
    async billTakenOver(
      tx: Db,
      caller: Caller,
      customer: Customer,
      subscription: Subscription,
      at: Instant,
    ): Promise<void> {
      const now = accounts.now(customer)
      const contract = await rating.contractOf(subscription, tx)
      const opening = billingPeriodAt(contract.terms, at)
      if (opening === undefined) return
      const bill = await billOf(contract, 'first', opening, opening, now, tx)
      await writeInvoice(tx, caller, customer, { ...bill, kind: 'period' }, opening, now)
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
        const contract = { ...(await rating.contractOf(subscription, tx)), isAllBilledHere: true }
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
      await writeInvoice(tx, caller, customer, { ...bill, kind: 'resume' }, opening, at)
      await lifecycles.openPeriod(tx, subscription, opening, at)
    },

    /** Closes every period of a subscription that has ended; how many there were. */
    async catchUp(caller: Caller, subscriptionId: string, customerId: string): Promise<number> {
      for (let count = 0; count < MAX_PERIODS_AT_ONCE; count++) {
        const { isClosed, mayBeMore } = await closeOne(caller, subscriptionId, customerId)
        if (!mayBeMore) return isClosed ? count + 1 : count
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

    /** Makes Stripe show what was closed. */
    showDue,

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

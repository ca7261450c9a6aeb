import { newId } from '../../kit/id.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'
import type { StripeCollection } from '../../stripe/invoices.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Redemptions } from '../coupons/redemptions/service.ts'
import type { TakenMoney } from './credit-payments/decide-payments.ts'
import type { CreditPaymentsService, PaidByCredits } from './credit-payments/service.ts'
import type { DueDates } from './due-dates.service.ts'
import type { Invoice } from './invoice.ts'
import type { WantedItem } from './items/item.ts'
import type { Items } from './items/service.ts'
import type { WantedItems } from './items/wanted.service.ts'
import type { OfflineInvoices } from './offline-invoices.service.ts'
import type { Contract } from './rating.service.ts'
import * as store from './store.ts'

const NOTHING_PAID: PaidByCredits = { items: [], taken: [] }

/** What closing a period would put on an invoice. */
export interface PeriodBill {
  readonly subscriptionId: string
  readonly customerId: string
  /** Stripe is not asked for any of it. */
  readonly isOffline: boolean
  readonly collection: StripeCollection
  readonly currency: string
  readonly kind: Invoice['kind']
  readonly closes: Period
  readonly lines: readonly WantedItem[]
  readonly paidByCredits: readonly TakenMoney[]
  readonly totalMinor: bigint
}

interface BillsDeps {
  readonly audit: Audit
  readonly creditPayments: CreditPaymentsService
  readonly dueDates: DueDates
  readonly items: Items
  readonly offlineInvoices: OfflineInvoices
  readonly redemptions: Redemptions
  readonly wantedItems: WantedItems
}

/** Works out what an invoice of ours has on it, and writes it. Callers hold the customer's lock. */
export function createBills(deps: BillsDeps) {
  const { audit, creditPayments, dueDates, items, offlineInvoices } = deps
  const { redemptions, wantedItems } = deps

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
      collection: await dueDates.ofSubscription(subscription, db),
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
  ): Promise<string | null> {
    const { mode } = customer
    const { subscriptionId, customerId, currency, kind, closes, lines } = bill
    // What a coupon made free is still billed, or it would be found unbilled and asked for later.
    if (lines.every(({ charge }) => charge.grossMinor === 0n)) return null
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
      collection: bill.collection.method,
      daysUntilDue: bill.collection.method === 'send_invoice' ? bill.collection.daysUntilDue : null,
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
    return invoice.id
  }

  return { billOf, writeInvoice }
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
    collection: 'charge_automatically',
    daysUntilDue: null,
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

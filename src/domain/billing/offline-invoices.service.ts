import { AppError, invalidRequest, notFound } from '../../errors.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { toMajorString } from '../../kit/money.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Charges } from './charges/service.ts'
import type { Invoice } from './invoice.ts'
import type { InvoiceItem } from './items/item.ts'
import type { Items } from './items/service.ts'
import type { Billing } from './service.ts'
import * as store from './store.ts'

interface OfflineInvoicesDeps {
  readonly accounts: Accounts
  readonly billing: Billing
  readonly charges: Charges
  readonly database: Database
  readonly items: Items
}

/** What an operator says about money that arrived outside Stripe. */
export interface OutsidePayment {
  readonly reference: string | null
  /** Null: now. */
  readonly paidAt: Instant | null
  /** Null: all that was due. */
  readonly amountMinor: bigint | null
}

export type OfflineInvoices = ReturnType<typeof createOfflineInvoices>

/** Invoices that Stripe knows nothing of: final with the transaction that closes the period, settled by an operator. */
export function createOfflineInvoices(deps: OfflineInvoicesDeps) {
  const { accounts, billing, charges, database, items } = deps

  /** The customer is locked; what the invoice was before comes back with it, for whoever is told of the change. */
  async function change(
    caller: Caller,
    invoiceId: string,
    to: (invoice: Invoice, now: Instant) => Invoice,
  ): Promise<Invoice> {
    const { mode } = caller
    return database.transaction(async (tx) => {
      const seen = await store.find(tx, mode, invoiceId)
      if (seen === undefined) throw notFound('invoice')
      const customer = await accounts.lock(tx, mode, seen.customerId)
      const before = (await store.find(tx, mode, invoiceId)) ?? seen
      const now = accounts.now(customer)
      const after = to(before, now)
      await billing.saveOffline(tx, caller, after, before, now)
      return after
    })
  }

  return {
    /** What earlier invoices left over; negative comes off the next one. */
    balance: (mode: Mode, customerId: string, currency: string, db: Db): Promise<bigint> =>
      store.offlineBalance(db, mode, customerId, currency),

    /** Makes a draft of ours final: numbered, due, its charges billed. The customer is locked. */
    async issue(
      tx: Db,
      caller: Caller,
      { mode }: Customer,
      draft: Invoice & { readonly subscriptionId: string },
      now: Instant,
    ): Promise<void> {
      const { id, customerId, currency, subscriptionId } = draft
      const all = await items.of(mode, id, tx)
      await items.settle(tx, mode, id, new Set(all.map((item) => item.id)))
      await store.replaceLines(tx, mode, id, all.filter(isShown).map(lineOf), now)
      await charges.bill(
        tx,
        mode,
        subscriptionId,
        id,
        all.map(({ charge }) => charge),
      )
      const owedMinor =
        draft.totalMinor + (await store.offlineBalance(tx, mode, customerId, currency))
      const isOwed = owedMinor > 0n
      const issued: Invoice = {
        ...draft,
        number: numberOf(mode, await store.takeNumber(tx, mode)),
        state: isOwed ? 'open' : 'paid',
        amountDueMinor: isOwed ? owedMinor : 0n,
        issuedAt: now,
        dueAt: isOwed ? now + (draft.daysUntilDue ?? 0) * DAY_MS : now,
        paidAt: isOwed ? null : now,
      }
      await billing.saveOffline(tx, caller, issued, draft, now)
    },

    markPaid: (caller: Caller, invoiceId: string, payment: OutsidePayment): Promise<Invoice> =>
      change(caller, invoiceId, (invoice, now) => {
        refuseUnlessOwed(invoice)
        refusePart(invoice, payment)
        const { reference } = payment
        if (reference === null) {
          throw invalidRequest([
            { path: 'reference', message: 'names the payment, such as the number of the transfer' },
          ])
        }
        const paidAt = payment.paidAt ?? now
        if (paidAt > now) throw invalidRequest([{ path: 'paidAt', message: 'is in the future' }])
        return {
          ...invoice,
          state: 'paid',
          amountPaidMinor: invoice.amountDueMinor,
          paidAt,
          paymentReference: reference,
        }
      }),

    writeOff: (caller: Caller, invoiceId: string): Promise<Invoice> =>
      change(caller, invoiceId, (invoice) => {
        if (invoice.state !== 'open') {
          throw new AppError('invoice_not_open', { state: invoice.state })
        }
        return { ...invoice, state: 'uncollectible' }
      }),

    void: (caller: Caller, invoiceId: string): Promise<Invoice> =>
      change(caller, invoiceId, (invoice) => {
        refuseUnlessOwed(invoice)
        return { ...invoice, state: 'void' }
      }),
  }
}

/** Money for a part of an invoice would have to be looked after until the rest comes: it is asked for whole. */
export function refusePart(
  { amountDueMinor, amountPaidMinor, currency }: Invoice,
  { amountMinor }: Pick<OutsidePayment, 'amountMinor'>,
): void {
  const dueMinor = amountDueMinor - amountPaidMinor
  if (amountMinor === null || amountMinor === dueMinor) return
  throw new AppError('payment_not_whole', {
    due: toMajorString({ amountMinor: dueMinor, currency }),
    currency: currency.toUpperCase(),
  })
}

function refuseUnlessOwed({ state }: Invoice): void {
  if (state !== 'open' && state !== 'uncollectible') {
    throw new AppError('invoice_not_open', { state })
  }
}

/** One sequence for each mode: what is played with must not leave holes among what is owed. */
function numberOf(mode: Mode, ordinal: bigint): string {
  return `${mode === 'live' ? 'INV' : 'TEST'}-${String(ordinal).padStart(6, '0')}`
}

/** What costs nothing in the first place is not worth a line; what a coupon made free is. */
function isShown({ amountMinor, charge }: InvoiceItem): boolean {
  return amountMinor !== 0n || charge.grossMinor !== 0n
}

function lineOf(item: InvoiceItem): store.NewLine {
  const { rateCardKey, description, amountMinor, lineKey, period, derivation } = item
  return {
    rateCardKey,
    description,
    quantity: null,
    unitAmountDecimal: null,
    amountMinor,
    isProration: false,
    lineKey,
    startsAt: period.startsAt,
    endsAt: period.endsAt,
    derivation,
    stripeLineId: null,
  }
}

import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant } from '../kit/instant.ts'
import { fromStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'
import { listAll } from './paging.ts'

export type Invoices = ReturnType<typeof createInvoices>

const STATUSES = ['draft', 'open', 'paid', 'void', 'uncollectible'] as const
export const COLLECTIONS = ['charge_automatically', 'send_invoice'] as const

/** How Stripe collects: it charges, or it sends the invoice, to be paid within so many days. */
export type StripeCollection =
  | { readonly method: 'charge_automatically' }
  | { readonly method: 'send_invoice'; readonly daysUntilDue: number }

export function collectionParams(collection: StripeCollection) {
  return collection.method === 'send_invoice'
    ? { collection_method: collection.method, days_until_due: collection.daysUntilDue }
    : { collection_method: collection.method }
}

export interface StripeInvoice {
  readonly id: string
  readonly stripeCustomerId: string
  readonly stripeSubscriptionId: string | null
  readonly number: string | null
  readonly status: (typeof STATUSES)[number]
  readonly reason: string | null
  readonly currency: string
  readonly subtotalMinor: bigint
  readonly discountMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  readonly amountDueMinor: bigint
  readonly amountPaidMinor: bigint
  readonly startsAt: Instant
  readonly endsAt: Instant
  readonly createdAt: Instant
  /** When Stripe will make a draft final by itself. */
  readonly finalizesAt: Instant | null
  readonly finalizedAt: Instant | null
  readonly dueAt: Instant | null
  readonly paidAt: Instant | null
  readonly attemptCount: number
  readonly hasBeenAttempted: boolean
  readonly nextAttemptAt: Instant | null
  readonly collection: (typeof COLLECTIONS)[number]
  readonly hostedUrl: string | null
  readonly pdfUrl: string | null
  /** Our invoice it stands for, where all of its lines are ours. */
  readonly invoiceId: string | null
  readonly lines: readonly StripeInvoiceLine[]
}

export type InvoiceTotals = Pick<
  StripeInvoice,
  'id' | 'status' | 'currency' | 'totalMinor' | 'amountPaidMinor'
>

export interface StripeInvoiceLine {
  readonly id: string
  readonly description: string
  /** Before discounts. */
  readonly amountMinor: bigint
  readonly discountMinor: bigint
  readonly quantity: string | null
  readonly unitAmountDecimal: string | null
  readonly priceId: string | null
  /** The invoice item it was made of, where somebody put it on the invoice by hand. */
  readonly stripeItemId: string | null
  /** Our item, where it was us. */
  readonly itemId: string | null
  readonly isProration: boolean
  readonly startsAt: Instant
  readonly endsAt: Instant
}

/** An invoice embeds its first lines only; the rest is fetched, up to here. */
const MAX_LINES = 1_000

export function createInvoices(stripe: Stripe) {
  async function allLines(invoice: Stripe.Invoice): Promise<Stripe.InvoiceLineItem[]> {
    if (!invoice.lines.has_more) return invoice.lines.data
    const lines = stripe.invoices.listLineItems(invoice.id, { limit: 100 })
    return lines.autoPagingToArray({ limit: MAX_LINES })
  }

  return {
    async find(id: string): Promise<StripeInvoice | undefined> {
      const invoice = await findInStripe(() => stripe.invoices.retrieve(id))
      if (invoice === undefined) return undefined
      return fromInvoice(invoice, await callStripe(() => allLines(invoice)))
    },

    /** Every invoice of a customer, without its lines. */
    async listOfCustomer(stripeCustomerId: string): Promise<InvoiceTotals[]> {
      const all = await listAll(() =>
        stripe.invoices.list({ customer: stripeCustomerId, limit: 100 }),
      )
      return all.map((invoice) => fromInvoice(invoice, []))
    },

    /** Tries to collect an open invoice now: with this method, or with the one it would be charged to anyway. */
    async pay(id: string, methodId: string | null, idempotencyKey: string): Promise<void> {
      const params = methodId === null ? {} : { payment_method: methodId }
      await callStripe(() => stripe.invoices.pay(id, params, { idempotencyKey }))
    },

    /** The money came another way, such as by bank transfer. */
    async markPaid(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() =>
        stripe.invoices.pay(id, { paid_out_of_band: true }, { idempotencyKey }),
      )
    },

    /** Written off: still owed, no longer asked for. */
    async markUncollectible(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() => stripe.invoices.markUncollectible(id, {}, { idempotencyKey }))
    },

    /** No longer owed. */
    async void(id: string, idempotencyKey: string): Promise<void> {
      await callStripe(() => stripe.invoices.voidInvoice(id, {}, { idempotencyKey }))
    },

    /** Gives up one that nobody has paid. Of a subscription's, a draft has to be final before it can be void. */
    async abandon(id: string): Promise<void> {
      const found = await findInStripe(() => stripe.invoices.retrieve(id))
      if (found?.status === 'draft') {
        await callStripe(() => stripe.invoices.finalizeInvoice(id, { auto_advance: false }))
      }
      const isUnpaid = found?.status === 'draft' || found?.status === 'open'
      if (isUnpaid) await callStripe(() => stripe.invoices.voidInvoice(id))
    },

    /** An empty draft of ours. It stays one until all of its lines are on it. */
    async createDraft(input: {
      readonly invoiceId: string
      readonly stripeCustomerId: string
      readonly currency: string
      readonly collection: StripeCollection
      readonly metadata: Readonly<Record<string, string>>
    }): Promise<string> {
      const { invoiceId, stripeCustomerId, currency, collection, metadata } = input
      const invoice = await callStripe(() =>
        stripe.invoices.create(
          {
            customer: stripeCustomerId,
            currency,
            auto_advance: false,
            ...collectionParams(collection),
            pending_invoice_items_behavior: 'exclude',
            metadata: { ...metadata, farebox_invoice: invoiceId },
          },
          { idempotencyKey: invoiceId },
        ),
      )
      return invoice.id
    },

    /** Makes a draft final; Stripe collects it from then on, if it shall. One that is final already stays as it is. */
    async finalize(id: string, isCollecting: boolean): Promise<void> {
      const invoice = await callStripe(() => stripe.invoices.retrieve(id))
      if (invoice.status !== 'draft') return
      await callStripe(() =>
        stripe.invoices.finalizeInvoice(
          id,
          { auto_advance: isCollecting },
          { idempotencyKey: `${id}:final` },
        ),
      )
    },
  }
}

/** Of an invoice and all of its lines. */
export function fromInvoice(
  invoice: Stripe.Invoice,
  lines: readonly Stripe.InvoiceLineItem[],
): StripeInvoice {
  const parent = invoice.parent?.subscription_details?.subscription
  const { customer, currency } = invoice
  const money = (amount: number): bigint => fromStripeAmount(amount, currency)
  return {
    id: invoice.id,
    stripeCustomerId: typeof customer === 'string' ? customer : (customer?.id ?? ''),
    stripeSubscriptionId: typeof parent === 'string' ? parent : (parent?.id ?? null),
    number: invoice.number,
    status: knownValue(invoice.status ?? 'draft', STATUSES, 'invoice status'),
    reason: invoice.billing_reason,
    currency,
    subtotalMinor: money(invoice.subtotal),
    discountMinor: money(sum(invoice.total_discount_amounts ?? [])),
    taxMinor: money(sum(invoice.total_taxes ?? [])),
    totalMinor: money(invoice.total),
    amountDueMinor: money(invoice.amount_due),
    amountPaidMinor: money(invoice.amount_paid),
    startsAt: fromUnixSeconds(invoice.period_start),
    endsAt: fromUnixSeconds(invoice.period_end),
    createdAt: fromUnixSeconds(invoice.created),
    finalizesAt: instantOf(invoice.automatically_finalizes_at),
    finalizedAt: instantOf(invoice.status_transitions.finalized_at),
    dueAt: instantOf(invoice.due_date),
    paidAt: instantOf(invoice.status_transitions.paid_at),
    attemptCount: invoice.attempt_count,
    hasBeenAttempted: invoice.attempted,
    nextAttemptAt: instantOf(invoice.next_payment_attempt),
    collection: knownValue(invoice.collection_method, COLLECTIONS, 'collection method'),
    hostedUrl: invoice.hosted_invoice_url ?? null,
    pdfUrl: invoice.invoice_pdf ?? null,
    invoiceId: invoice.metadata?.['farebox_invoice'] ?? null,
    lines: lines.map(fromLine),
  }
}

function fromLine(line: Stripe.InvoiceLineItem): StripeInvoiceLine {
  const price = line.pricing?.price_details?.price
  const proration =
    line.parent?.subscription_item_details?.proration ??
    line.parent?.invoice_item_details?.proration
  return {
    id: line.id,
    description: line.description ?? '',
    amountMinor: fromStripeAmount(line.amount, line.currency),
    discountMinor: fromStripeAmount(sum(line.discount_amounts ?? []), line.currency),
    quantity: line.quantity_decimal?.toString() ?? line.quantity?.toString() ?? null,
    unitAmountDecimal: line.pricing?.unit_amount_decimal?.toString() ?? null,
    priceId: typeof price === 'string' ? price : (price?.id ?? null),
    stripeItemId: line.parent?.invoice_item_details?.invoice_item ?? null,
    itemId: line.metadata['farebox_item'] ?? null,
    isProration: proration ?? false,
    startsAt: fromUnixSeconds(line.period.start),
    endsAt: fromUnixSeconds(line.period.end),
  }
}

function sum(amounts: readonly { readonly amount: number }[]): number {
  return amounts.reduce((total, { amount }) => total + amount, 0)
}

function instantOf(seconds: number | null): Instant | null {
  return seconds === null ? null : fromUnixSeconds(seconds)
}

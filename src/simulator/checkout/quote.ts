import { insertInvoice } from '../billing/invoice-creation.ts'
import { createItem } from '../billing/invoice-item-operations.ts'
import { attachItem } from '../billing/invoice-item-creation.ts'
import { linesOf } from '../billing/lines.ts'
import { createSubscription, type NewSubscription } from '../billing/subscription-creation.ts'
import {
  readBillingMode,
  readInvoiceSettings,
  readPaymentSettings,
  readTrialSettings,
  anchorFromConfig,
  readAnchorConfig,
} from '../billing/subscription-params.ts'
import { addUp, sumOf } from '../billing/totals.ts'
import { createDiscount } from '../catalog/discounts.ts'
import { createCustomer } from '../customers/customers.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { newMetadata } from '../wire/metadata.ts'

type Session = Documents['checkout.session']

export interface LineQuote {
  readonly subtotal: number
  readonly discount: number
  readonly tax: number
  readonly total: number
}

/** What a session comes to now, line by line in the order of the session. */
export interface SessionQuote {
  readonly subtotal: number
  readonly discount: number
  readonly tax: number
  readonly total: number
  readonly lines: readonly LineQuote[]
}

const NOTHING: LineQuote = { subtotal: 0, discount: 0, tax: 0, total: 0 }

/** Makes what completing would make, adds it up and takes it back: the amount shown is the amount charged. */
export function quoteSession(tx: Transaction, session: Session): SessionQuote {
  if (session.mode === 'setup') return { ...NOTHING, lines: [] }
  const undo = tx.savepoint()
  try {
    const customer =
      session.customer === null ? createCustomer(tx, {}) : tx.get('customer', session.customer)
    const invoice =
      session.mode === 'payment'
        ? draftPayment(tx, session, customer)
        : createSubscription(
            tx,
            subscriptionOf(tx, session, customer, { behavior: 'default_incomplete' }),
          ).latest_invoice
    return invoice === null
      ? { ...NOTHING, lines: session.inner.lines.map(() => NOTHING) }
      : readQuote(tx, session, invoice)
  } finally {
    undo()
  }
}

function readQuote(tx: Transaction, session: Session, invoiceId: string): SessionQuote {
  const invoice = tx.get('invoice', invoiceId)
  const lines = linesOf(tx, invoiceId)
  const quotes = session.inner.lines.map(({ price }) => {
    const own = lines.filter((line) => line.inner.price === price)
    const subtotal = sumOf(own)
    const discount = sumOf(own.flatMap((line) => line.discount_amounts ?? []))
    const taxes = own.flatMap((line) => line.taxes ?? [])
    const exclusive = taxes.filter((tax) => tax.tax_behavior === 'exclusive')
    return {
      subtotal,
      discount,
      tax: sumOf(taxes),
      total: subtotal - discount + sumOf(exclusive),
    }
  })
  return {
    subtotal: invoice.subtotal,
    discount: sumOf(invoice.total_discount_amounts ?? []),
    tax: sumOf(invoice.total_taxes ?? []),
    // What is due is what is charged: a balance or an amount too small to charge counts.
    total: session.mode === 'subscription' ? invoice.amount_due : invoice.total,
    lines: quotes,
  }
}

/** The one-time lines of a payment as a draft: the base of its amount, and of its invoice when one is wanted. */
export function draftPayment(
  tx: Transaction,
  session: Session,
  customer: Documents['customer'],
): string {
  const now = tx.now(customer.test_clock)
  const data = session.inner.invoiceData?.invoice_data
  const invoice = insertInvoice(tx, {
    customer: customer.id,
    currency: session.currency ?? 'usd',
    billingReason: 'manual',
    collectionMethod: 'charge_automatically',
    isAutoAdvancing: false,
    finalizesAt: null,
    period: { start: now, end: now },
    discounts: session.inner.discounts.map((reference) =>
      createDiscount(tx, reference, {
        customer: customer.id,
        checkoutSession: session.id,
        start: now,
      }),
    ),
    description: data?.description,
    footer: data?.footer,
    customFields: data?.custom_fields,
    metadata: newMetadata(data?.metadata),
  })
  for (const line of session.inner.lines) {
    const item = createItem(
      tx,
      customer,
      {
        price: line.price,
        quantity: line.quantity ?? 1,
        metadata: line.metadata,
        tax_rates: line.taxRates,
      },
      invoice,
    )
    attachItem(tx, item, invoice.id)
  }
  addUp(tx, invoice.id)
  return invoice.id
}

/** The subscription a session stands for. */
export function subscriptionOf(
  tx: Transaction,
  session: Session,
  customer: Documents['customer'],
  payment:
    | { readonly behavior: 'default_incomplete' }
    | { readonly paidBy: string | null; readonly method: string | null },
): NewSubscription {
  const data = session.inner.subscriptionData
  const now = tx.now(customer.test_clock)
  const isRecurring = (price: string) => tx.get('price', price).type === 'recurring'
  const recurring = session.inner.lines.filter(({ price }) => isRecurring(price))
  const oneTimeItems = session.inner.lines
    .filter(({ price }) => !isRecurring(price))
    .map((line) => ({
      price: line.price,
      quantity: line.quantity ?? 1,
      discounts: [],
      taxRates: line.taxRates,
      metadata: line.metadata,
      isDiscountable: true,
    }))
  const trialDays = data?.trial_period_days
  return {
    customer,
    items: recurring.map((line) => ({
      price: line.price,
      quantity: line.quantity ?? undefined,
      metadata: line.metadata,
      taxRates: line.taxRates,
      discounts: [],
    })),
    currency: session.currency ?? 'usd',
    billingMode: readBillingMode(data?.billing_mode, now),
    start: now,
    anchor:
      data?.billing_cycle_anchor_config === undefined
        ? (data?.billing_cycle_anchor ?? null)
        : anchorFromConfig(data.billing_cycle_anchor_config, now),
    anchorConfig: readAnchorConfig(data?.billing_cycle_anchor_config),
    trialEnd: trialDays === undefined ? (data?.trial_end ?? null) : now + trialDays * 86_400,
    trialSettings: readTrialSettings(data?.trial_settings),
    prorationBehavior: data?.proration_behavior ?? 'create_prorations',
    collectionMethod: 'charge_automatically',
    daysUntilDue: null,
    cancelAt: null,
    cancelAtPeriodEnd: false,
    defaultPaymentMethod: 'method' in payment ? payment.method : null,
    defaultSource: null,
    taxRates: data?.default_tax_rates ?? [],
    description: data?.description ?? null,
    discounts: session.inner.discounts,
    metadata: newMetadata(data?.metadata),
    paymentSettings: readPaymentSettings(undefined),
    invoiceSettings: readInvoiceSettings(data?.invoice_settings),
    pendingInvoiceItemInterval: null,
    hasAutomaticTax: session.automatic_tax.enabled,
    schedule: null,
    charge:
      'behavior' in payment
        ? { kind: 'attempt', behavior: payment.behavior, presence: 'on_session', oneTimeItems }
        : { kind: 'paid', intent: payment.paidBy, oneTimeItems },
  }
}

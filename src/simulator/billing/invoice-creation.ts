import type { Documents } from '../store/documents.ts'
import { settingsOf } from '../store/settings.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Invoice, LineItem, TaxRate } from '../stripe.generated.ts'
import { embeddedList } from '../wire/list.ts'
import { linesOf } from './lines.ts'
import { liveDiscounts } from './totals.ts'
import { isUnset } from '../wire/changed.ts'

type InvoiceDocument = Documents['invoice']

export interface NewInvoice {
  readonly customer: string
  readonly currency: string
  readonly billingReason: NonNullable<Invoice['billing_reason']>
  readonly collectionMethod: Invoice['collection_method']
  readonly isAutoAdvancing: boolean
  readonly finalizesAt: number | null
  readonly period: { readonly start: number; readonly end: number }
  readonly subscription?: Documents['subscription'] | undefined
  readonly prorationDate?: number | undefined
  readonly discounts?: readonly string[] | undefined
  readonly daysUntilDue?: number | null | undefined
  readonly dueDate?: number | null | undefined
  readonly description?: string | null | undefined
  readonly footer?: string | null | undefined
  readonly customFields?: Invoice['custom_fields'] | undefined
  readonly defaultPaymentMethod?: string | null | undefined
  readonly metadata?: Readonly<Record<string, string>> | undefined
  readonly taxRates?: readonly string[] | undefined
  readonly hasAutomaticTax?: boolean | undefined
  readonly statementDescriptor?: string | null | undefined
}

/** An empty draft. Lines come next, then `addUp`, then `invoice.created` tells of it with its lines. */
export function insertInvoice(tx: Transaction, given: NewInvoice): InvoiceDocument {
  const customer = tx.get('customer', given.customer)
  const { subscription } = given
  const now = tx.now(customer.test_clock)
  const discounts = given.discounts ?? inheritedDiscounts(tx, customer, subscription, now)
  const dueDate =
    given.dueDate ??
    (isUnset(given.daysUntilDue) ? null : now + given.daysUntilDue * SECONDS_PER_DAY)
  return tx.insert('invoice', {
    id: tx.newId('in'),
    object: 'invoice',
    account_country: 'US',
    account_name: settingsOf(tx).businessName,
    account_tax_ids: null,
    amount_due: 0,
    amount_overpaid: 0,
    amount_paid: 0,
    amount_remaining: 0,
    amount_shipping: 0,
    application: null,
    attempt_count: 0,
    attempted: false,
    auto_advance: given.isAutoAdvancing,
    automatic_tax: {
      disabled_reason: null,
      enabled: given.hasAutomaticTax ?? subscription?.automatic_tax.enabled ?? false,
      liability: null,
      provider: null,
      status: null,
    },
    automatically_finalizes_at: given.finalizesAt,
    billing_reason: given.billingReason,
    collection_method: given.collectionMethod,
    created: now,
    currency: given.currency,
    custom_fields:
      given.customFields ??
      subscription?.invoice_settings.custom_fields ??
      customer.invoice_settings.custom_fields,
    customer: customer.id,
    customer_account: null,
    ...customerSnapshot(tx, customer),
    default_payment_method: given.defaultPaymentMethod ?? null,
    default_source: null,
    description: given.description ?? subscription?.invoice_settings.description ?? null,
    discounts,
    due_date: given.collectionMethod === 'send_invoice' ? dueDate : null,
    effective_at: null,
    ending_balance: null,
    footer:
      given.footer ?? subscription?.invoice_settings.footer ?? customer.invoice_settings.footer,
    from_invoice: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    issuer: { type: 'self' },
    last_finalization_error: null,
    latest_revision: null,
    livemode: tx.realm.isLive,
    metadata: given.metadata ?? {},
    next_payment_attempt:
      given.collectionMethod === 'charge_automatically' && given.isAutoAdvancing
        ? given.finalizesAt
        : null,
    number: null,
    on_behalf_of: null,
    parent:
      subscription === undefined
        ? null
        : {
            quote_details: null,
            subscription_details: {
              metadata: subscription.metadata,
              subscription: subscription.id,
              ...(given.prorationDate === undefined
                ? {}
                : { subscription_proration_date: given.prorationDate }),
            },
            type: 'subscription_details',
          },
    payment_settings: {
      default_mandate: null,
      payment_method_options: null,
      payment_method_types: null,
    },
    period_end: given.period.end,
    period_start: given.period.start,
    post_payment_credit_notes_amount: 0,
    pre_payment_credit_notes_amount: 0,
    receipt_number: null,
    rendering: null,
    shipping_cost: null,
    shipping_details: null,
    starting_balance: customer.balance,
    statement_descriptor: given.statementDescriptor ?? null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
    subtotal: 0,
    subtotal_excluding_tax: 0,
    test_clock: customer.test_clock,
    total: 0,
    total_discount_amounts: [],
    total_excluding_tax: 0,
    total_pretax_credit_amounts: [],
    total_taxes: [],
    webhooks_delivered_at: null,
    inner: {
      subscription: subscription?.id ?? null,
      taxRates: given.taxRates ?? subscription?.inner.taxRates ?? [],
      isDeleted: false,
      firstFailedAt: null,
      retries: 0,
      refusedMethod: null,
      appliedBalance: 0,
      attempt: null,
    },
  })
}

const SECONDS_PER_DAY = 86_400

/** A subscription's own discounts take the place of its customer's. */
function inheritedDiscounts(
  tx: Transaction,
  customer: Documents['customer'],
  subscription: Documents['subscription'] | undefined,
  now: number,
): readonly string[] {
  const own = liveDiscounts(tx, subscription?.discounts ?? [], now)
  if (own.length > 0 || customer.inner.discount === null) return own
  return liveDiscounts(tx, [customer.inner.discount], now)
}

/** What an invoice says of its customer is copied, so that later changes do not rewrite history. */
export function customerSnapshot(tx: Transaction, customer: Documents['customer']) {
  return {
    customer_address: customer.address ?? null,
    customer_email: customer.email,
    customer_name: customer.name ?? null,
    customer_phone: customer.phone ?? null,
    customer_shipping: customer.shipping,
    customer_tax_exempt: customer.tax_exempt ?? 'none',
    customer_tax_ids: tx
      .where('tax_id', 'customer', customer.id)
      .map(({ type, value }) => ({ type, value })),
  }
}

export function presentInvoice(tx: Transaction, document: InvoiceDocument): Invoice {
  const { inner, ...invoice } = document
  const lines = linesOf(tx, invoice.id).map((line) => tx.present('line_item', line.id) as LineItem)
  const taxRates = inner.taxRates.map((id) => tx.present('tax_rate', id) as TaxRate)
  return {
    ...invoice,
    default_tax_rates: taxRates,
    lines: embeddedList(lines, `/v1/invoices/${invoice.id}/lines`),
  }
}

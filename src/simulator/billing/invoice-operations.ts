import { toCurrency } from '../catalog/amounts.ts'
import { createDiscount } from '../catalog/discounts.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import { throwIfDeclined } from '../payments/confirm.ts'
import { referencedMethod } from '../payments/payment-methods.ts'
import { settingsOf } from '../store/settings.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { InvoiceCreateParams, LineItem } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { invalidRequest, missingParameter, StripeError } from '../wire/errors.ts'
import { isInRange, listPage, pageOf } from '../wire/list.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata, newMetadata } from '../wire/metadata.ts'
import { number, searchOperation, text } from '../wire/search.ts'
import { collectInvoice, openIntent } from './collection.ts'
import { requireDraft } from './draft-editing.ts'
import { finalizeInvoice } from './finalization.ts'
import { insertInvoice } from './invoice-creation.ts'
import { attachPendingItems } from './invoice-item-creation.ts'
import { linesOf } from './lines.ts'
import { collectWhenFinalized } from './renewal.ts'
import { markPaid, markUncollectible, voidInvoice } from './settlement.ts'
import { requireCurrency } from './subscription-creation.ts'
import { scheduleFinalization } from './subscription-opening.ts'
import { readTaxRates } from './subscription-params.ts'
import { addUp } from './totals.ts'

export const invoiceOperations: Handlers = {
  'POST /v1/invoices': ({ tx, params }) => tx.present('invoice', createInvoice(tx, params)),

  'GET /v1/invoices': ({ tx, params }) =>
    listPage(tx, 'invoice', {
      url: '/v1/invoices',
      params,
      ...(params.subscription !== undefined
        ? { among: tx.where('invoice', 'inner.subscription', params.subscription) }
        : params.customer !== undefined
          ? { among: tx.where('invoice', 'customer', params.customer) }
          : {}),
      matches: (invoice) =>
        (params.customer !== undefined ||
          params.subscription !== undefined ||
          invoice.test_clock === null) &&
        (params.customer === undefined || invoice.customer === params.customer) &&
        (params.status === undefined || invoice.status === params.status) &&
        (params.collection_method === undefined ||
          invoice.collection_method === params.collection_method) &&
        (params.due_date === undefined ||
          (invoice.due_date !== null && isInRange(invoice.due_date, params.due_date))) &&
        isInRange(invoice.created, params.created),
    }),

  'GET /v1/invoices/search': searchOperation('invoice', '/v1/invoices/search', {
    created: number('created'),
    currency: text('currency'),
    customer: text('customer'),
    number: text('number'),
    receipt_number: text('receipt_number'),
    status: text('status'),
    subscription: {
      type: 'text',
      read: (invoice) =>
        (invoice['parent'] as Documents['invoice']['parent'])?.subscription_details?.subscription,
    },
    total: number('total'),
  }),

  'GET /v1/invoices/{id}': ({ tx, id }) => tx.present('invoice', getById(tx, 'invoice', id).id),

  'POST /v1/invoices/{id}': ({ tx, params, id }) => {
    editInvoice(tx, getById(tx, 'invoice', id), params)
    return tx.present('invoice', id)
  },

  'DELETE /v1/invoices/{id}': ({ tx, id }) => {
    const invoice = getById(tx, 'invoice', id)
    if (invoice.status !== 'draft' || invoice.inner.subscription !== null) {
      throw invalidRequest({
        code: 'invoice_not_editable',
        message:
          invoice.status === 'draft'
            ? 'You can only delete one-off invoices; this one belongs to a subscription.'
            : 'You can only delete draft invoices; void this one instead.',
      })
    }
    // Items that waited before go back to waiting.
    for (const item of tx.where('invoiceitem', 'invoice', id)) {
      tx.update('invoiceitem', item.id, { invoice: null })
    }
    tx.emit('invoice.deleted', 'invoice', id)
    for (const line of linesOf(tx, id)) tx.remove('line_item', line.id)
    tx.unschedule(`finalize:${id}`)
    tx.update('invoice', id, { inner: { ...invoice.inner, isDeleted: true } })
    return { id, object: 'invoice', deleted: true }
  },

  'POST /v1/invoices/{id}/finalize': ({ tx, params, id }) => {
    const invoice = getById(tx, 'invoice', id)
    if (params.auto_advance !== undefined) {
      tx.update('invoice', id, { auto_advance: params.auto_advance })
    }
    finalizeInvoice(tx, id)
    const isAdvancing = params.auto_advance ?? invoice.auto_advance
    if (isAdvancing === true) scheduleCollection(tx, id)
    return tx.present('invoice', id)
  },

  'GET /v1/invoices/{id}/lines': ({ tx, params, id }) => {
    getById(tx, 'invoice', id)
    const lines = linesOf(tx, id).map((line) => tx.present('line_item', line.id) as LineItem)
    return pageOf(lines, { url: `/v1/invoices/${id}/lines`, params })
  },

  'POST /v1/invoices/{id}/mark_uncollectible': ({ tx, id }) => {
    getById(tx, 'invoice', id)
    markUncollectible(tx, id)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{id}/pay': ({ tx, params, id }) => {
    const invoice = getById(tx, 'invoice', id)
    if (invoice.status === 'draft') finalizeInvoice(tx, id)
    const { status } = tx.get('invoice', id)
    if (status === 'paid' && invoice.status === 'draft') return tx.present('invoice', id)
    if (status === 'paid') {
      throw invalidRequest({ code: 'invoice_already_paid', message: 'Invoice is already paid' })
    }
    if (status !== 'open' && status !== 'uncollectible') {
      throw invalidRequest({
        message: `Invoice ${id} is ${status} and cannot be paid.`,
      })
    }
    if (params.paid_out_of_band === true) {
      markPaid(tx, id, 'out_of_band')
      return tx.present('invoice', id)
    }
    payInvoice(tx, id, params.payment_method ?? params.source, params.off_session === true)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{id}/send': ({ tx, id }) => {
    const invoice = getById(tx, 'invoice', id)
    if (invoice.status === 'draft') finalizeInvoice(tx, id)
    const { status } = tx.get('invoice', id)
    if (status !== 'open' && status !== 'paid') {
      throw invalidRequest({ message: `You cannot send an invoice that is ${status}.` })
    }
    tx.emit('invoice.sent', 'invoice', id)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{id}/void': ({ tx, id }) => {
    getById(tx, 'invoice', id)
    voidInvoice(tx, id)
    return tx.present('invoice', id)
  },
}

const SECONDS_TO_COLLECTION = 3_600

/** An invoice finalized by hand is collected about an hour later, unless somebody pays it before. */
function scheduleCollection(tx: Transaction, id: string): void {
  const invoice = tx.get('invoice', id)
  if (invoice.status !== 'open' || invoice.collection_method !== 'charge_automatically') return
  const dueAt = tx.now(invoice.test_clock) + SECONDS_TO_COLLECTION
  tx.update('invoice', id, { next_payment_attempt: dueAt })
  tx.schedule({
    id: `retry:${id}`,
    type: 'invoice.collect',
    clock: invoice.test_clock,
    dueAt,
    rank: 30,
    subject: id,
  })
}

/** Job: the first automatic attempt at an invoice that was finalized by hand. */
export function collectWhenDue(tx: Transaction, id: string): void {
  if (tx.find('invoice', id)?.status === 'open') collectWhenFinalized(tx, id)
}

function payInvoice(
  tx: Transaction,
  id: string,
  method: string | undefined,
  isOffSession: boolean,
): void {
  const chosen = method === undefined ? undefined : referencedMethod(tx, method).id
  const result = collectInvoice(tx, id, {
    presence: isOffSession ? 'off_session' : 'on_session',
    isAutomatic: false,
    paymentMethod: chosen,
  })
  if (result.kind === 'no_method') {
    throw invalidRequest({
      code: 'missing',
      message:
        'There is no `default_payment_method` set on this Customer or Invoice. Please set a default payment method, or pass one.',
    })
  }
  const intent = openIntentOrPaid(tx, id)
  if (result.kind === 'requires_action') {
    throw new StripeError(
      402,
      {
        type: 'card_error',
        code: 'invoice_payment_intent_requires_action',
        message:
          'Payment for this invoice requires additional user action before it can be completed successfully. Payment can be completed using the PaymentIntent associated with the invoice.',
        payment_intent: tx.present('payment_intent', intent),
      },
      { isCommitted: true },
    )
  }
  throwIfDeclined(tx, intent, result)
}

function openIntentOrPaid(tx: Transaction, invoice: string): string {
  const payment = tx.where('invoice_payment', 'invoice', invoice).at(-1)
  return payment?.inner.paymentIntent ?? openIntent(tx, invoice).id
}

function createInvoice(tx: Transaction, params: InvoiceCreateParams): string {
  if (params.customer === undefined) throw missingParameter('customer')
  const customer = requireCustomer(tx, params.customer)
  const subscription =
    params.subscription === undefined
      ? undefined
      : getReferenced(tx, 'subscription', params.subscription, 'subscription')
  const method = params.collection_method ?? 'charge_automatically'
  if (
    method === 'send_invoice' &&
    params.days_until_due === undefined &&
    params.due_date === undefined
  ) {
    throw missingParameter('days_until_due')
  }
  const currency = toCurrency(
    params.currency ?? subscription?.currency ?? customer.currency ?? 'usd',
  )
  requireCurrency(customer, currency)
  const now = tx.now(customer.test_clock)
  const isAdvancing = params.auto_advance ?? false
  const invoice = insertInvoice(tx, {
    customer: customer.id,
    currency,
    billingReason: 'manual',
    collectionMethod: method,
    isAutoAdvancing: isAdvancing,
    finalizesAt:
      params.automatically_finalizes_at ?? (isAdvancing ? now + settingsOf(tx).draftSeconds : null),
    period: { start: now, end: now },
    subscription,
    discounts:
      params.discounts === undefined
        ? undefined
        : (params.discounts ?? []).map((reference) =>
            createDiscount(tx, reference, { customer: customer.id, start: now }),
          ),
    daysUntilDue: params.days_until_due,
    dueDate: params.due_date,
    description: params.description,
    footer: params.footer,
    customFields: params.custom_fields,
    defaultPaymentMethod: params.default_payment_method,
    metadata: newMetadata(params.metadata),
    taxRates: readTaxRates(tx, params.default_tax_rates),
    hasAutomaticTax: params.automatic_tax?.enabled,
    statementDescriptor: params.statement_descriptor,
  })
  if (params.pending_invoice_items_behavior === 'include') attachPendingItems(tx, invoice.id)
  addUp(tx, invoice.id)
  tx.emit('invoice.created', 'invoice', invoice.id)
  scheduleFinalization(tx, invoice.id)
  return invoice.id
}

const ALWAYS_EDITABLE = new Set(['metadata', 'auto_advance', 'default_payment_method', 'expand'])

function editInvoice(
  tx: Transaction,
  invoice: Documents['invoice'],
  params: Parameters<NonNullable<Handlers['POST /v1/invoices/{id}']>>[0]['params'],
): void {
  const refused = Object.keys(params).find((key) => !ALWAYS_EDITABLE.has(key))
  if (refused !== undefined) requireDraft(tx, invoice.id, refused)
  const now = tx.now(invoice.test_clock)
  tx.update('invoice', invoice.id, {
    auto_advance: params.auto_advance ?? invoice.auto_advance,
    automatic_tax:
      params.automatic_tax === undefined
        ? invoice.automatic_tax
        : { ...invoice.automatic_tax, enabled: params.automatic_tax.enabled },
    collection_method: params.collection_method ?? invoice.collection_method,
    custom_fields: changed(params.custom_fields, invoice.custom_fields),
    default_payment_method: changed(params.default_payment_method, invoice.default_payment_method),
    description: changed(params.description, invoice.description),
    discounts:
      params.discounts === undefined
        ? invoice.discounts
        : (params.discounts ?? []).map((reference) =>
            createDiscount(tx, reference, { customer: invoice.customer, start: now }),
          ),
    due_date:
      params.due_date ??
      (params.days_until_due === undefined
        ? invoice.due_date
        : now + params.days_until_due * 86_400),
    effective_at: changed(params.effective_at, invoice.effective_at),
    footer: changed(params.footer, invoice.footer),
    metadata: mergeMetadata(invoice.metadata ?? {}, params.metadata),
    number: changed(params.number, invoice.number),
    statement_descriptor: changed(params.statement_descriptor, invoice.statement_descriptor),
    inner: {
      ...invoice.inner,
      taxRates:
        params.default_tax_rates === undefined
          ? invoice.inner.taxRates
          : readTaxRates(tx, params.default_tax_rates),
    },
  })
  if (invoice.status === 'draft') {
    planFinalization(tx, invoice.id, params.automatically_finalizes_at)
    addUp(tx, invoice.id)
  }
}

function planFinalization(tx: Transaction, id: string, at: number | undefined): void {
  const invoice = tx.get('invoice', id)
  const now = tx.now(invoice.test_clock)
  const isAdvancing = invoice.auto_advance === true
  const finalizesAt = isAdvancing
    ? (at ?? invoice.automatically_finalizes_at ?? now + settingsOf(tx).draftSeconds)
    : null
  tx.update('invoice', id, { automatically_finalizes_at: finalizesAt })
  if (finalizesAt === null) tx.unschedule(`finalize:${id}`)
  else scheduleFinalization(tx, id)
}

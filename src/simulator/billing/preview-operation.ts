import { toCurrency } from '../catalog/amounts.ts'
import { createDiscount } from '../catalog/discounts.ts'
import { createCustomer } from '../customers/customers.ts'
import { requireCustomer } from '../customers/require-customer.ts'
import { turnPhaseAt } from '../schedules/lifecycle.ts'
import { createSchedule } from '../schedules/schedule-creation.ts'
import { updateSchedule } from '../schedules/schedules.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { InvoiceCreatePreviewParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { endSubscription } from './cancellation.ts'
import { insertInvoice } from './invoice-creation.ts'
import { attachPendingItems } from './invoice-item-creation.ts'
import { createItem } from './invoice-item-operations.ts'
import { resumeSubscription } from './pausing.ts'
import { nothingUpcoming, previewInvoice, renewForPreview } from './preview.ts'
import { createSubscription } from './subscription-creation.ts'
import { updateSubscription } from './subscription-edit.ts'
import { readNewSubscription } from './subscription-params.ts'
import { addUp } from './totals.ts'
import { isUnset } from '../wire/changed.ts'

export const previewOperations: Handlers = {
  'POST /v1/invoices/create_preview': ({ tx, params }) =>
    previewInvoice(tx, () => {
      const customer = customerFor(tx, params)
      for (const item of params.invoice_items ?? []) {
        createItem(tx, customer, { ...item, subscription: params.subscription }, undefined)
      }
      if (params.schedule !== undefined || params.schedule_details !== undefined) {
        return previewSchedule(tx, params, customer)
      }
      if (params.subscription !== undefined) return previewChange(tx, params, params.subscription)
      if (params.subscription_details?.items !== undefined) {
        return previewStart(tx, params, customer)
      }
      return previewManual(tx, params, customer)
    }),
}

function customerFor(tx: Transaction, params: InvoiceCreatePreviewParams): Documents['customer'] {
  if (params.customer !== undefined) return requireCustomer(tx, params.customer)
  if (params.subscription !== undefined) {
    const subscription = getReferenced(tx, 'subscription', params.subscription, 'subscription')
    return tx.get('customer', subscription.customer)
  }
  if (params.schedule !== undefined) {
    const schedule = getReferenced(tx, 'subscription_schedule', params.schedule, 'schedule')
    return tx.get('customer', schedule.customer)
  }
  if (params.customer_details === undefined && params.subscription_details === undefined) {
    throw missingParameter('customer')
  }
  const { address, tax_exempt } = params.customer_details ?? {}
  return createCustomer(tx, { address, tax_exempt })
}

/** What a change of a subscription would cost: the invoice it makes at once, or else the next renewal with it. */
function previewChange(tx: Transaction, params: InvoiceCreatePreviewParams, id: string): string {
  const subscription = getReferenced(tx, 'subscription', id, 'subscription')
  const details = params.subscription_details
  if (params.customer !== undefined && subscription.customer !== params.customer) {
    throw invalidRequest({
      message: `The subscription ${id} does not belong to the customer ${params.customer}.`,
      param: 'subscription',
    })
  }
  if (details?.cancel_now === true) {
    endSubscription(tx, id, {
      reason: null,
      invoicesNow: true,
      prorates: details.proration_behavior !== 'none',
    })
    return latestOrNothing(tx, subscription)
  }
  if (details?.resume_at === 'now') {
    resumeSubscription(tx, id, {
      resetsAnchor: details.billing_cycle_anchor?.type !== 'unchanged',
      prorationBehavior: details.proration_behavior ?? 'create_prorations',
      prorationDate: details.proration_date,
      waitsForPayment: true,
    })
    return latestOrNothing(tx, subscription)
  }
  updateSubscription(tx, id, {
    items: details?.items,
    billing_cycle_anchor:
      details?.billing_cycle_anchor?.type === 'now' ? { type: 'now' } : undefined,
    cancel_at: details?.cancel_at,
    cancel_at_period_end: details?.cancel_at_period_end,
    default_tax_rates: details?.default_tax_rates,
    discounts: params.discounts,
    proration_behavior: details?.proration_behavior,
    proration_date: details?.proration_date,
    trial_end: details?.trial_end,
    // Nothing is charged in a preview; what a payment would change is not part of it.
    payment_behavior: 'default_incomplete',
  })
  const { latest_invoice: latest } = tx.get('subscription', id)
  if (latest !== null && latest !== subscription.latest_invoice) return latest
  return renewForPreview(tx, id)
}

/** The next invoice of a schedule, with the phases it is about to get or as they are. */
function previewSchedule(
  tx: Transaction,
  params: InvoiceCreatePreviewParams,
  customer: Documents['customer'],
): string {
  const { schedule: given, schedule_details: details = {} } = params
  if (given === undefined) {
    const { billing_mode, end_behavior, phases } = details
    const made = createSchedule(tx, {
      billing_mode,
      customer: customer.id,
      end_behavior,
      phases: phases?.map(readNewPhase),
    })
    return nextOf(tx, made.subscription, null)
  }
  const schedule = getReferenced(tx, 'subscription_schedule', given, 'schedule')
  const before = tx.find('subscription', schedule.subscription ?? '')?.latest_invoice ?? null
  updateSchedule(tx, schedule, details)
  const start = schedule.inner.phases[0]?.start_date ?? 0
  if (schedule.status === 'not_started') turnPhaseAt(tx, given, start)
  return nextOf(tx, tx.get('subscription_schedule', given).subscription, before)
}

type PreviewPhase = NonNullable<
  NonNullable<InvoiceCreatePreviewParams['schedule_details']>['phases']
>[number]

/** New phases begin one after the other; "now" for an end has no meaning yet. */
function readNewPhase({
  start_date: _start,
  end_date: end,
  trial_end: trialEnd,
  ...phase
}: PreviewPhase) {
  return {
    ...phase,
    ...(typeof end === 'number' ? { end_date: end } : {}),
    ...(typeof trialEnd === 'number' ? { trial_end: trialEnd } : {}),
  }
}

function nextOf(tx: Transaction, subscription: string | null, before: string | null): string {
  if (subscription === null) {
    throw invalidRequest({
      code: 'invoice_upcoming_none',
      message: 'The schedule has no subscription and begins later; there is no upcoming invoice.',
    })
  }
  const { latest_invoice: latest } = tx.get('subscription', subscription)
  return latest !== null && latest !== before ? latest : renewForPreview(tx, subscription)
}

function latestOrNothing(tx: Transaction, before: Documents['subscription']): string {
  const { latest_invoice: latest } = tx.get('subscription', before.id)
  if (latest === null || latest === before.latest_invoice) throw nothingUpcoming(before)
  return latest
}

/** What a subscription that does not exist yet would cost to begin. */
function previewStart(
  tx: Transaction,
  params: InvoiceCreatePreviewParams,
  customer: Documents['customer'],
): string {
  const details = params.subscription_details
  const anchor = details?.billing_cycle_anchor
  const subscription = createSubscription(
    tx,
    readNewSubscription(tx, {
      customer: customer.id,
      items: (details?.items ?? []).map(
        ({ id: _id, deleted: _deleted, clear_usage: _clear, ...item }) => ({
          ...item,
          metadata: item.metadata ?? undefined,
        }),
      ),
      currency: params.currency,
      billing_cycle_anchor: anchor?.type === 'timestamp' ? anchor.timestamp : undefined,
      billing_mode: details?.billing_mode,
      backdate_start_date: details?.start_date,
      default_tax_rates: details?.default_tax_rates,
      discounts: params.discounts,
      trial_end: details?.trial_end,
      proration_behavior: details?.proration_behavior,
      payment_behavior: 'default_incomplete',
    }),
  )
  // Usage-only subscriptions begin without an invoice; their first one is the next renewal.
  return subscription.latest_invoice ?? renewForPreview(tx, subscription.id)
}

function previewManual(
  tx: Transaction,
  params: InvoiceCreatePreviewParams,
  customer: Documents['customer'],
): string {
  const now = tx.now(customer.test_clock)
  const waiting = tx
    .where('invoiceitem', 'customer', customer.id)
    .find((item) => item.invoice === null)
  const currency = toCurrency(params.currency ?? customer.currency ?? waiting?.currency ?? 'usd')
  const invoice = insertInvoice(tx, {
    customer: customer.id,
    currency,
    billingReason: 'upcoming',
    collectionMethod: 'charge_automatically',
    isAutoAdvancing: false,
    finalizesAt: null,
    period: { start: now, end: now },
    discounts: isUnset(params.discounts)
      ? undefined
      : params.discounts.map((reference) =>
          createDiscount(tx, reference, { customer: customer.id, start: now }),
        ),
  })
  if (attachPendingItems(tx, invoice.id) === 0) {
    throw invalidRequest({
      code: 'invoice_upcoming_none',
      message: `No upcoming invoices for customer: ${customer.id}`,
    })
  }
  addUp(tx, invoice.id)
  return invoice.id
}

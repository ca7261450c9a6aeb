import { turnPhaseAt } from '../schedules/lifecycle.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Invoice } from '../stripe.generated.ts'
import { invalidRequest } from '../wire/errors.ts'
import { endSubscription } from './cancellation.ts'
import { renewAt } from './renewal.ts'
import { nextPeriodEnd } from './subscription-work.ts'

/**
 * Does something, shows the invoice it makes and takes everything back: a preview is the real thing, so it cannot differ
 * from what will happen.
 */
export function previewInvoice(tx: Transaction, work: () => string): Invoice
export function previewInvoice(tx: Transaction, work: () => string | null): Invoice | null
export function previewInvoice(tx: Transaction, work: () => string | null): Invoice | null {
  const undo = tx.savepoint()
  try {
    const id = work()
    return id === null ? null : asPreview(tx.present('invoice', id) as Invoice)
  } finally {
    undo()
  }
}

/** The invoice a subscription gets next, as things stand. Runs inside a preview. */
export function renewForPreview(tx: Transaction, id: string): string {
  const invoice = nextInvoice(tx, id)
  if (invoice === null) throw nothingUpcoming(tx.get('subscription', id))
  return invoice
}

/** Null where the renewal makes none: nothing of it is charged in advance, and nothing has been used. */
function nextInvoice(tx: Transaction, id: string): string | null {
  const before = tx.get('subscription', id)
  const periodEnd = nextPeriodEnd(tx, id)
  const cancelAt = before.cancel_at
  const isLast = cancelAt !== null && (periodEnd === null || cancelAt <= periodEnd)
  const end = isLast ? cancelAt : periodEnd
  if (end === null) return null
  if (isLast) endSubscription(tx, id, { reason: null, isScheduled: true, at: end })
  else {
    turnPhaseBefore(tx, before, end)
    renewAt(tx, id, end)
  }
  const { latest_invoice: latest } = tx.get('subscription', id)
  if (latest === null || latest === before.latest_invoice) return null
  tx.update('invoice', latest, { created: end, next_payment_attempt: end + 3_600 })
  return latest
}

/** A schedule may change the subscription before, or with, its renewal. */
function turnPhaseBefore(
  tx: Transaction,
  { schedule: id }: Documents['subscription'],
  end: number,
): void {
  const change = tx.find('subscription_schedule', id ?? '')?.current_phase?.end_date
  if (id !== null && change !== undefined && change <= end) turnPhaseAt(tx, id, change)
}

export function nothingUpcoming(subscription: Documents['subscription']) {
  return invalidRequest({
    code: 'invoice_upcoming_none',
    message: `No upcoming invoices for customer: ${subscription.customer}`,
  })
}

/** It has not been made: no number, no links, nothing to pay yet. */
function asPreview(invoice: Invoice): Invoice {
  const id = invoice.id.replace('in_', 'upcoming_in_')
  return {
    ...invoice,
    id,
    attempted: false,
    attempt_count: 0,
    amount_paid: 0,
    amount_remaining: invoice.amount_due,
    auto_advance: false,
    automatically_finalizes_at: null,
    effective_at: null,
    hosted_invoice_url: null,
    invoice_pdf: null,
    lines: {
      ...invoice.lines,
      data: invoice.lines.data.map((line) => ({
        ...line,
        id: line.id.replace('il_', 'il_tmp_'),
        invoice: id,
      })),
      url: `/v1/invoices/upcoming/lines`,
    },
    number: null,
    status: 'draft',
    status_transitions: {
      finalized_at: null,
      marked_uncollectible_at: null,
      paid_at: null,
      voided_at: null,
    },
  }
}

/** Job: tells of the renewal a few days ahead, with what it would cost now. The object has no id: it does not exist. */
export function announceRenewal(tx: Transaction, id: string): void {
  const subscription = tx.find('subscription', id)
  if (subscription === undefined || subscription.cancel_at !== null) return
  const preview = previewInvoice(tx, () => nextInvoice(tx, id))
  if (preview === null) return
  const { id: _id, ...upcoming } = preview
  tx.emit('invoice.upcoming', 'subscription', id, { object: upcoming })
}

import { decimal, formatDecimal } from '../../../../src/kit/decimal.ts'
import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'
import { formatAmount, formatQuantity } from '../../../ui/format.ts'

export type Invoice = ResponseOf<'get', '/api/v1/invoices'>['data'][number]
export type InvoiceWithLines = ResponseOf<'get', '/api/v1/invoices/{invoiceId}'>
export type InvoiceLine = InvoiceWithLines['lines'][number]
export type Payment = ResponseOf<'get', '/api/v1/payments'>['data'][number]

/** One word for an invoice; an open one beyond its date is overdue, which is what matters about it. */
export function invoiceStateOf(
  { state, dueAt }: Pick<Invoice, 'state' | 'dueAt'>,
  now: number,
): Word {
  switch (state) {
    case 'draft':
      return { word: 'draft', tone: 'neutral' }
    case 'paid':
      return { word: 'paid', tone: 'success' }
    case 'void':
      return { word: 'void', tone: 'neutral' }
    case 'uncollectible':
      return { word: 'uncollectible', tone: 'danger' }
    case 'open':
      return dueAt !== null && Date.parse(dueAt) < now
        ? { word: 'overdue', tone: 'danger' }
        : { word: 'open', tone: 'info' }
  }
}

/** What is still to be paid. */
export function dueOf({ amountDue, amountPaid }: Pick<Invoice, 'amountDue' | 'amountPaid'>) {
  return { ...amountDue, amountMinor: amountDue.amountMinor - amountPaid.amountMinor }
}

/** Why there is nothing to collect or to give up; undefined while it is owed. */
export function refusalToSettle({ state }: Pick<Invoice, 'state'>): string | undefined {
  switch (state) {
    case 'open':
      return undefined
    case 'draft':
      return 'It is not issued yet.'
    case 'paid':
      return 'It is paid.'
    case 'void':
      return 'It is void.'
    case 'uncollectible':
      return 'It is written off.'
  }
}

export const CREDIT_NOTE_STATES: Record<'requested' | 'issued' | 'void' | 'failed', Word> = {
  requested: { word: 'on its way', tone: 'info' },
  issued: { word: 'issued', tone: 'success' },
  void: { word: 'void', tone: 'neutral' },
  failed: { word: 'failed', tone: 'danger' },
}

/** What a credit note does with its amount: that depends on whether the invoice is paid. */
export function whereCreditGoes({ state }: Pick<Invoice, 'state'>): string {
  return state === 'paid'
    ? 'The amount goes onto the customer’s balance, for the next invoices. To give it back, refund the payment.'
    : 'The amount comes off what is owed.'
}

const KINDS: Record<Invoice['kind'], string> = {
  first: 'First invoice',
  period: 'Billing period',
  change: 'Plan change',
  pause: 'Pause',
  resume: 'End of a pause',
  final: 'Final invoice',
  manual: 'Made by hand',
}

export function kindOf({ kind }: Pick<Invoice, 'kind'>): string {
  return KINDS[kind]
}

const PAYMENTS: Readonly<Record<string, Word>> = {
  succeeded: { word: 'succeeded', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
  pending: { word: 'pending', tone: 'neutral' },
  requires_action: { word: 'needs the customer', tone: 'warning' },
  processing: { word: 'processing', tone: 'info' },
  canceled: { word: 'canceled', tone: 'neutral' },
  partially_refunded: { word: 'partly refunded', tone: 'info' },
  refunded: { word: 'refunded', tone: 'neutral' },
  disputed: { word: 'disputed', tone: 'danger' },
  disputed_lost: { word: 'dispute lost', tone: 'danger' },
}

export function paymentStateOf(state: string): Word {
  return PAYMENTS[state] ?? { word: state.replaceAll('_', ' '), tone: 'neutral' }
}

/** What else there is to know about a payment: why it failed, what was given back. */
export function aboutPayment({
  failureMessage,
  refunded,
}: Pick<Payment, 'failureMessage' | 'refunded'>): string {
  if (failureMessage !== null) return failureMessage
  return refunded.amountMinor === 0 ? '–' : `${formatAmount(refunded)} given back`
}

/** `visa …4242`; what it was paid with, as far as it is known. */
export function methodOf({ method }: Pick<Payment, 'method'>): string {
  if (method === null) return '–'
  const brand = method.brand ?? 'Card'
  const name = brand.charAt(0).toUpperCase() + brand.slice(1)
  return method.lastFour === null ? name : `${name} …${method.lastFour}`
}

/** Quantities come with the digits of the database; people read them without the zeros behind. */
export function quantityOf({ quantity }: Pick<InvoiceLine, 'quantity'>): string {
  return quantity === null ? '–' : formatQuantity(formatDecimal(decimal(quantity)))
}

import type { ResponseOf } from '../../../../src/client/client.ts'
import { decimal, formatDecimal } from '../../../../src/kit/decimal.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { formatDate, formatQuantity } from '../../../ui/format.ts'

export type Invoice = ResponseOf<'get', '/api/v1/portal/invoices'>['data'][number]
export type InvoiceWithLines = ResponseOf<'get', '/api/v1/portal/invoices/{invoiceId}'>
export type InvoiceLine = InvoiceWithLines['lines'][number]

interface InvoiceState {
  readonly word: string
  readonly tone: Tone
  /** Whether it is still owed. */
  readonly isPayable: boolean
}

/** What an invoice is for the one who pays it. */
export function invoiceState(
  { state, dueAt }: Pick<Invoice, 'state' | 'dueAt'>,
  now: number,
): InvoiceState {
  switch (state) {
    case 'draft':
      return { word: 'being prepared', tone: 'neutral', isPayable: false }
    case 'paid':
      return { word: 'paid', tone: 'success', isPayable: false }
    case 'void':
      return { word: 'void', tone: 'neutral', isPayable: false }
    case 'uncollectible':
      return { word: 'unpaid', tone: 'danger', isPayable: true }
    case 'open': {
      const isLate = dueAt !== null && Date.parse(dueAt) < now
      return isLate
        ? { word: 'overdue', tone: 'danger', isPayable: true }
        : { word: 'to pay', tone: 'warning', isPayable: true }
    }
  }
}

/** Stripe sent it, to be paid on its page by its date; nobody's card is charged for it. */
export function isSent({
  collection,
  hostedUrl,
}: Pick<Invoice, 'collection' | 'hostedUrl'>): boolean {
  return collection === 'send_invoice' && hostedUrl !== null
}

/** `Please pay it by 15 Mar 2026.` */
export function payBy({ state, dueAt }: Pick<Invoice, 'state' | 'dueAt'>, now: number): string {
  if (dueAt === null) return 'Please pay it.'
  const isLate = state === 'uncollectible' || Date.parse(dueAt) < now
  return isLate ? `It was due on ${formatDate(dueAt)}.` : `Please pay it by ${formatDate(dueAt)}.`
}

const KINDS: Record<Invoice['kind'], string> = {
  first: 'First invoice',
  period: 'Billing period',
  change: 'Plan change',
  pause: 'Pause',
  resume: 'End of a pause',
  final: 'Final invoice',
  manual: 'One-time invoice',
}

export function kindOf({ kind }: Pick<Invoice, 'kind'>): string {
  return KINDS[kind]
}

/** Quantities come with the digits of the database; people read them without the zeros behind. */
export function quantityOf({ quantity }: Pick<InvoiceLine, 'quantity'>): string {
  return quantity === null ? '–' : formatQuantity(formatDecimal(decimal(quantity)))
}

import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Invoice } from '../billing/invoice.ts'

/** A part of a finalized invoice, taken back. */
export interface CreditNote {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly invoiceId: string
  /** The refund it documents. */
  readonly refundId: string | null
  readonly number: string | null
  readonly state: 'requested' | 'issued' | 'void' | 'failed'
  readonly reason: string | null
  readonly memo: string | null
  readonly currency: Currency
  readonly amountMinor: bigint
  readonly owedMinor: bigint
  readonly refundedMinor: bigint
  readonly balanceMinor: bigint
  readonly outsideMinor: bigint
  readonly pdfUrl: string | null
  readonly stripeCreditNoteId: string | null
  readonly providerTicket: bigint
  readonly createdAt: Instant
  readonly voidedAt: Instant | null
}

export type CreditNoteRefusal = 'invoice_not_creditable' | 'amount_exceeds_invoice'

/** Whether a part of an invoice can be taken back: what is final, and not more than there is of it. */
export function refuseCreditNote(
  invoice: Pick<Invoice, 'state' | 'totalMinor'>,
  notes: readonly Pick<CreditNote, 'state' | 'amountMinor'>[],
  amountMinor: bigint,
): CreditNoteRefusal | undefined {
  const { state, totalMinor } = invoice
  if (state !== 'open' && state !== 'paid' && state !== 'uncollectible') {
    return 'invoice_not_creditable'
  }
  const creditedMinor = notes
    .filter((note) => note.state === 'requested' || note.state === 'issued')
    .reduce((sum, note) => sum + note.amountMinor, 0n)
  const isTooMuch = amountMinor <= 0n || amountMinor > totalMinor - creditedMinor
  return isTooMuch ? 'amount_exceeds_invoice' : undefined
}

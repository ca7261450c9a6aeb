import type { Stripe } from 'stripe'
import { fromUnixSeconds, type Instant } from '../kit/instant.ts'
import { fromStripeAmount, toStripeAmount } from './amounts.ts'
import { callStripe, findInStripe, knownValue } from './errors.ts'

export type CreditNotes = ReturnType<typeof createCreditNotes>

const STATUSES = ['issued', 'void'] as const

export interface StripeCreditNote {
  readonly id: string
  readonly stripeInvoiceId: string
  /** The credit note of ours that asked for it; null for one made in Stripe. */
  readonly creditNoteId: string | null
  readonly number: string
  readonly status: (typeof STATUSES)[number]
  readonly reason: string | null
  readonly memo: string | null
  readonly currency: string
  readonly amountMinor: bigint
  /** Taken off what was still owed. */
  readonly owedMinor: bigint
  /** Given back to the card. */
  readonly refundedMinor: bigint
  /** Kept as balance for the next invoices. */
  readonly balanceMinor: bigint
  /** Settled outside of Stripe. */
  readonly outsideMinor: bigint
  readonly pdfUrl: string
  readonly createdAt: Instant
  readonly voidedAt: Instant | null
}

export interface CreditNoteInput {
  readonly creditNoteId: string
  readonly stripeInvoiceId: string
  readonly amountMinor: bigint
  readonly currency: string
  readonly memo: string | null
  readonly reason: 'duplicate' | 'fraudulent' | 'order_change' | 'product_unsatisfactory' | null
  /** Where the part of it goes that was paid already; of an unpaid invoice it reduces what is owed. */
  readonly paidPart:
    | { readonly kind: 'refund'; readonly stripeRefundId: string }
    | { readonly kind: 'balance' }
    | { readonly kind: 'owed' }
}

const OUR_ID = 'credit_note_id'

export function createCreditNotes(stripe: Stripe) {
  return {
    async create(input: CreditNoteInput): Promise<StripeCreditNote> {
      const { paidPart, currency } = input
      const amount = toStripeAmount(input.amountMinor, currency)
      const note = await callStripe(() =>
        stripe.creditNotes.create(
          {
            invoice: input.stripeInvoiceId,
            amount,
            metadata: { [OUR_ID]: input.creditNoteId },
            ...(input.memo !== null && { memo: input.memo }),
            ...(input.reason !== null && { reason: input.reason }),
            ...(paidPart.kind === 'balance' && { credit_amount: amount }),
            ...(paidPart.kind === 'refund' && {
              refunds: [{ refund: paidPart.stripeRefundId, amount_refunded: amount }],
            }),
          },
          { idempotencyKey: input.creditNoteId },
        ),
      )
      return fromCreditNote(note)
    },

    async find(id: string): Promise<StripeCreditNote | undefined> {
      const note = await findInStripe(() => stripe.creditNotes.retrieve(id))
      return note && fromCreditNote(note)
    },

    async listOfInvoice(stripeInvoiceId: string): Promise<StripeCreditNote[]> {
      const page = await callStripe(() =>
        stripe.creditNotes.list({ invoice: stripeInvoiceId, limit: 100 }),
      )
      return page.data.map(fromCreditNote)
    },
  }
}

function fromCreditNote(note: Stripe.CreditNote): StripeCreditNote {
  const { currency } = note
  const money = (amount: number): bigint => fromStripeAmount(amount, currency)
  const refunded = note.refunds.reduce((sum, { amount_refunded }) => sum + amount_refunded, 0)
  const outside = note.out_of_band_amount ?? 0
  return {
    id: note.id,
    stripeInvoiceId: typeof note.invoice === 'string' ? note.invoice : note.invoice.id,
    creditNoteId: note.metadata?.[OUR_ID] ?? null,
    number: note.number,
    status: knownValue(note.status, STATUSES, 'credit note status'),
    reason: note.reason,
    memo: note.memo,
    currency,
    amountMinor: money(note.total),
    owedMinor: money(note.pre_payment_amount),
    refundedMinor: money(refunded),
    balanceMinor: money(note.post_payment_amount - refunded - outside),
    outsideMinor: money(outside),
    pdfUrl: note.pdf,
    createdAt: fromUnixSeconds(note.created),
    voidedAt: note.voided_at === null ? null : fromUnixSeconds(note.voided_at),
  }
}

import { sha256Hex } from '../../../kit/crypto.ts'
import type { Period } from '../../../kit/period.ts'
import type { StripeInvoice } from '../../../stripe/invoices.ts'
import type { ChangeWay } from '../../subscriptions/changes/plan-change.ts'
import type { InvoiceLine } from '../invoice-line.ts'
import type { ChangePayment, QuotedChange } from './change-quote.ts'

/** The invoice a change makes at once, as the customer sees it before confirming. */
export interface ChangeInvoice {
  readonly lines: readonly ChangeInvoiceLine[]
  readonly subtotalMinor: bigint
  readonly discountMinor: bigint
  readonly taxMinor: bigint
  readonly totalMinor: bigint
  /** What the customer's balance takes off; negative where it adds something owed. */
  readonly balanceMinor: bigint
  readonly amountDueMinor: bigint
}

export interface ChangeInvoiceLine extends Period {
  readonly description: string
  readonly amountMinor: bigint
  readonly isProration: boolean
}

/** Stripe's own preview: with tax, coupons and the balance, which only Stripe knows to the cent. */
export function invoiceOfStripe(stripe: StripeInvoice): ChangeInvoice {
  const { totalMinor, amountDueMinor } = stripe
  return {
    lines: stripe.lines.map(({ description, amountMinor, isProration, startsAt, endsAt }) => ({
      description,
      amountMinor,
      isProration,
      startsAt,
      endsAt,
    })),
    subtotalMinor: stripe.subtotalMinor,
    discountMinor: stripe.discountMinor,
    taxMinor: stripe.taxMinor,
    totalMinor,
    balanceMinor: totalMinor > 0n ? totalMinor - amountDueMinor : 0n,
    amountDueMinor,
  }
}

/** `balanceMinor` is what the customer has from before; negative comes off what is due. */
export function invoiceOfLines(
  lines: readonly InvoiceLine[],
  balanceMinor = 0n,
): ChangeInvoice | null {
  if (lines.length === 0) return null
  const totalMinor = lines.reduce((sum, { amountMinor }) => sum + amountMinor, 0n)
  const subtotalMinor = lines.reduce((sum, { grossMinor }) => sum + grossMinor, 0n)
  const owedMinor = totalMinor + balanceMinor
  const dueMinor = totalMinor > 0n && owedMinor > 0n ? owedMinor : 0n
  return {
    lines: lines.map(({ description, amountMinor, isProration, servicePeriod }) => ({
      description,
      amountMinor,
      isProration,
      ...servicePeriod,
    })),
    subtotalMinor,
    discountMinor: subtotalMinor - totalMinor,
    taxMinor: 0n,
    totalMinor,
    balanceMinor: totalMinor > 0n ? totalMinor - dueMinor : 0n,
    amountDueMinor: dueMinor,
  }
}

/** What has to be paid for the change, by the invoice that will really be made. */
export function paymentOf(quote: QuotedChange, invoice: ChangeInvoice | null): ChangePayment {
  if (invoice === null) return { kind: 'none' }
  if (invoice.totalMinor < 0n) return { kind: 'credit', amountMinor: -invoice.totalMinor }
  const amountMinor = invoice.amountDueMinor
  if (amountMinor === 0n) return { kind: 'none' }
  return quote.payment.kind === 'before_change'
    ? { ...quote.payment, amountMinor }
    : { kind: 'by_invoice', amountMinor }
}

/** Two offers with the same text do and cost the same. */
export function hashOffer(
  quote: QuotedChange,
  way: ChangeWay,
  invoice: ChangeInvoice | null,
): string {
  return sha256Hex(
    [quote.hash, way, invoice?.totalMinor ?? '-', invoice?.amountDueMinor ?? '-'].join(':'),
  )
}

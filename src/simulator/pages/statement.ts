import { linesOf } from '../billing/lines.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Address, InvoiceLineItemTax } from '../stripe.generated.ts'
import { countryName, taxIdLabel } from './countries.ts'
import { businessName } from './layout.ts'
import { showAmount, showDate, showShortDate, showUnitAmount } from './money.ts'
import { couponText } from './price-text.ts'

/** An invoice or a credit note in words, for the page and the printed form alike. */
export interface Statement {
  readonly kind: 'Invoice' | 'Credit note'
  readonly number: string
  readonly business: string
  /** The customer, line by line. */
  readonly billTo: readonly string[]
  readonly facts: readonly Row[]
  /** What it comes to: `$29.00 due February 1, 2026`. */
  readonly headline: string
  readonly memo: string | null
  readonly lines: readonly StatementLine[]
  readonly sums: readonly Row[]
  /** The last sum, which is what is asked for. */
  readonly result: Row
  readonly footer: string | null
  /** Where it can be paid. */
  readonly payUrl: string | null
}

export type Row = readonly [label: string, value: string]

export interface StatementLine {
  readonly description: string
  readonly detail: string | null
  readonly quantity: string
  readonly unit: string
  readonly amount: string
}

type Invoice = Documents['invoice']

export function invoiceStatement(tx: Transaction, invoice: Invoice): Statement {
  const { currency, status } = invoice
  const amount = (value: number): string => showAmount(value, currency)
  const isOpen = status === 'open' || status === 'uncollectible'
  return {
    kind: 'Invoice',
    number: invoice.number ?? invoice.id,
    business: businessName(tx),
    billTo: billTo(tx, invoice),
    facts: [
      ['Invoice number', invoice.number ?? invoice.id],
      ['Date of issue', showDate(invoice.status_transitions.finalized_at ?? invoice.created)],
      ...(invoice.due_date === null ? [] : [['Date due', showDate(invoice.due_date)] as const]),
      ...(invoice.status_transitions.paid_at === null
        ? []
        : [['Date paid', showDate(invoice.status_transitions.paid_at)] as const]),
      ...(invoice.custom_fields ?? []).map(({ name, value }) => [name, value] as const),
    ],
    headline: headlineOf(invoice),
    memo: invoice.description,
    lines: linesOf(tx, invoice.id).map((line) => ({
      description: line.description ?? 'Item',
      detail:
        line.period.start === line.period.end
          ? null
          : `${showShortDate(line.period.start)} – ${showShortDate(line.period.end)}`,
      quantity: quantityOf(line.quantity, line.quantity_decimal),
      // One piece costs what its line comes to, also where no price says so.
      unit:
        line.pricing === null && line.quantity === 1
          ? amount(line.amount)
          : isProration(line)
            ? ''
            : unitOf(line.pricing?.unit_amount_decimal ?? null, currency),
      amount: amount(line.amount),
    })),
    sums: sumsOf(tx, invoice),
    result: ['Amount due', amount(isOpen ? invoice.amount_remaining : 0)],
    footer: invoice.footer,
    payUrl: isOpen ? (invoice.hosted_invoice_url ?? null) : null,
  }
}

/** The share of a price has no price of its own. */
function isProration({ parent }: Documents['line_item']): boolean {
  return (
    parent?.invoice_item_details?.proration === true ||
    parent?.subscription_item_details?.proration === true
  )
}

function headlineOf(invoice: Invoice): string {
  const { currency, due_date: due, status_transitions: when } = invoice
  switch (invoice.status) {
    case 'paid':
      return `${showAmount(invoice.total, currency)} paid${when.paid_at === null ? '' : ` on ${showDate(when.paid_at)}`}`
    case 'void':
      return `${showAmount(invoice.total, currency)}, void: nothing is to be paid`
    default: {
      const amount = showAmount(invoice.amount_remaining, currency)
      return due === null ? `${amount} due` : `${amount} due ${showDate(due)}`
    }
  }
}

function quantityOf(quantity: number | null, decimal: string | null): string {
  if (quantity !== null) return quantity.toLocaleString('en-US')
  return decimal ?? ''
}

function unitOf(decimal: string | null, currency: string): string {
  return decimal === null ? '' : showUnitAmount(decimal, currency)
}

function billTo(tx: Transaction, invoice: Invoice): string[] {
  const taxIds = (invoice.customer_tax_ids ?? []).map(
    ({ type, value }) => `${taxIdLabel(type)}: ${value ?? ''}`,
  )
  const customer = tx.find('customer', invoice.customer ?? '')
  const name = invoice.customer_name ?? customer?.name
  const email = invoice.customer_email ?? customer?.email
  return [
    name ?? email ?? 'Customer',
    ...addressLines(invoice.customer_address),
    ...(name && email ? [email] : []),
    ...taxIds,
  ]
}

export function addressLines(address: Address | null | undefined): string[] {
  if (address === null || address === undefined) return []
  const { line1, line2, city, postal_code: code, state, country } = address
  const place = [[code, city].filter(Boolean).join(' '), state].filter(Boolean).join(', ')
  const lines = [line1, line2, place, country === null ? null : countryName(country)]
  return lines.filter((line) => line !== null).filter((line) => line !== '')
}

function sumsOf(tx: Transaction, invoice: Invoice): Row[] {
  const { currency } = invoice
  const amount = (value: number): string => showAmount(value, currency)
  const discounts = (invoice.total_discount_amounts ?? []).map(({ discount, amount: off }): Row => {
    const { source } = tx.get('discount', discount)
    const coupon = tx.find('coupon', source.coupon ?? '')
    const name = coupon?.name ?? coupon?.id ?? 'Discount'
    return [coupon === undefined ? name : `${name} (${couponText(tx, coupon.id)})`, amount(-off)]
  })
  const credits = (invoice.total_pretax_credit_amounts ?? [])
    .filter(({ type }) => type === 'credit_balance_transaction')
    .reduce((sum, credit) => sum + credit.amount, 0)
  const noted = invoice.pre_payment_credit_notes_amount
  const balance = invoice.amount_due + noted - invoice.total
  const rows: (Row | null)[] = [
    ['Subtotal', amount(invoice.subtotal)],
    ...discounts,
    credits === 0 ? null : ['Billing credits', amount(-credits)],
    ...taxRows(tx, invoice.total_taxes ?? [], currency),
    ['Total', amount(invoice.total)],
    balance === 0 ? null : [balance < 0 ? 'Applied balance' : 'Earlier balance', amount(balance)],
    noted === 0 ? null : ['Credit notes', amount(-noted)],
    invoice.amount_paid === 0 ? null : ['Amount paid', amount(-invoice.amount_paid)],
  ]
  return rows.filter((row) => row !== null)
}

function taxRows(
  tx: Transaction,
  taxes: readonly InvoiceLineItemTax[],
  currency: string,
): readonly Row[] {
  return taxes.map((tax): Row => {
    const rate = tx.find('tax_rate', tax.tax_rate_details?.tax_rate ?? '')
    const name = rate === undefined ? 'Tax' : `${rate.display_name} ${rate.percentage}%`
    const how = tax.tax_behavior === 'inclusive' ? ' (included)' : ''
    return [`${name}${how}`, showAmount(tax.amount, currency)]
  })
}

export function creditNoteStatement(tx: Transaction, note: Documents['credit_note']): Statement {
  const { currency } = note
  const amount = (value: number): string => showAmount(value, currency)
  const invoice = tx.get('invoice', note.invoice)
  const rows: (Row | null)[] = [
    ['Subtotal', amount(note.subtotal)],
    note.discount_amount === 0 ? null : ['Discount', amount(-note.discount_amount)],
    ...taxRows(tx, note.total_taxes ?? [], currency),
  ]
  return {
    kind: 'Credit note',
    number: note.number,
    business: businessName(tx),
    billTo: billTo(tx, invoice),
    facts: [
      ['Credit note number', note.number],
      ['Invoice number', invoice.number ?? invoice.id],
      ['Date of issue', showDate(note.created)],
      ...(note.voided_at === null ? [] : [['Voided', showDate(note.voided_at)] as const]),
    ],
    headline:
      note.status === 'void'
        ? `${amount(note.total)}, void`
        : `${amount(note.total)} credited on ${showDate(note.created)}`,
    memo: note.memo,
    lines: note.inner.lines.map((line) => ({
      description: line.description ?? 'Item',
      detail: null,
      quantity: quantityOf(line.quantity, null),
      unit: unitOf(line.unit_amount_decimal, currency),
      amount: amount(line.amount),
    })),
    sums: rows.filter((row) => row !== null),
    result: ['Total credited', amount(note.total)],
    footer: null,
    payUrl: null,
  }
}

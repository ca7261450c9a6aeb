import { decimal } from '../../kit/decimal.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Invoice, InvoiceLineItemTax, LineItem } from '../stripe.generated.ts'
import { type AppliedDiscount, applyDiscounts, type DiscountRule } from './discounting.ts'
import { linesOf } from './lines.ts'
import { type AppliedTax, applyTaxes, type TaxRule } from './taxing.ts'

type InvoiceDocument = Documents['invoice']
type Line = Documents['line_item']

/** Adds an invoice up: discounts, then credits, then taxes, line by line, and what is left to pay. */
export function addUp(tx: Transaction, invoiceId: string): InvoiceDocument {
  const invoice = tx.get('invoice', invoiceId)
  const lines = linesOf(tx, invoiceId)
  const discounts = discountLines(tx, invoice, lines)
  const exemption = invoice.customer_tax_exempt ?? 'none'
  for (const [index, line] of lines.entries()) {
    const applied = [...line.inner.fixedDiscounts, ...(discounts[index] ?? [])]
    const credits = creditsOf(line)
    const taxable = line.amount - sumOf(applied) - sumOf(credits)
    const rates = line.inner.taxRates ?? invoice.inner.taxRates
    const taxes =
      exemption === 'none'
        ? applyTaxes(
            taxable,
            rates.map((id) => taxRule(tx, id)),
            invoice.currency,
          ).map(toTax)
        : []
    tx.update('line_item', line.id, {
      discount_amounts: applied,
      pretax_credit_amounts: [
        ...applied.map((entry) => ({ ...entry, type: 'discount' as const })),
        ...credits,
      ],
      taxes,
    })
  }
  return writeTotals(tx, invoiceId)
}

function writeTotals(tx: Transaction, invoiceId: string): InvoiceDocument {
  const invoice = tx.get('invoice', invoiceId)
  const lines = linesOf(tx, invoiceId)
  const subtotal = sumOf(lines)
  const discounts = groupSums(lines.flatMap((line) => line.discount_amounts ?? []))
  const credits = lines.flatMap(creditsOf)
  const taxes = groupTaxes(lines.flatMap((line) => line.taxes ?? []))
  const inclusive = sumOf(taxes.filter((tax) => tax.tax_behavior === 'inclusive'))
  const exclusive = sumOf(taxes) - inclusive
  const net = subtotal - sumOf(discounts) - sumOf(credits)
  const total = net + exclusive
  const balance = tx.get('customer', invoice.customer ?? '').balance
  const isDraft = invoice.status === 'draft'
  const amountDue = isDraft ? Math.max(0, total + balance) : invoice.amount_due
  return tx.update('invoice', invoiceId, {
    subtotal,
    subtotal_excluding_tax: subtotal - inclusive,
    total,
    total_excluding_tax: net - inclusive,
    total_discount_amounts: discounts,
    total_pretax_credit_amounts: [
      ...discounts.map((entry) => ({ ...entry, type: 'discount' as const })),
      ...credits,
    ],
    total_taxes: taxes,
    ...(isDraft
      ? {
          starting_balance: balance,
          amount_due: amountDue,
          amount_remaining: amountDue - invoice.amount_paid,
        }
      : {}),
  })
}

type Credit = NonNullable<LineItem['pretax_credit_amounts']>[number]

function creditsOf(line: Line): readonly Credit[] {
  return (line.pretax_credit_amounts ?? []).filter((entry) => entry.type !== 'discount')
}

export function sumOf(entries: readonly { readonly amount: number }[]): number {
  return entries.reduce((sum, { amount }) => sum + amount, 0)
}

export function groupSums(entries: readonly AppliedDiscount[]): readonly AppliedDiscount[] {
  const groups = Map.groupBy(entries, ({ discount }) => discount)
  return [...groups].map(([discount, group]) => ({ amount: sumOf(group), discount }))
}

type Tax = NonNullable<Invoice['total_taxes']>[number]

export function groupTaxes(entries: readonly InvoiceLineItemTax[]): readonly Tax[] {
  const groups = Map.groupBy(entries, (tax) => tax.tax_rate_details?.tax_rate ?? '')
  return [...groups.values()].flatMap((group) => {
    const [first] = group
    if (first === undefined) return []
    const taxable = group.reduce((sum, tax) => sum + (tax.taxable_amount ?? 0), 0)
    return [{ ...first, amount: sumOf(group), taxable_amount: taxable }]
  })
}

export function toTax(tax: AppliedTax): InvoiceLineItemTax {
  return {
    amount: tax.amount,
    tax_behavior: tax.isInclusive ? 'inclusive' : 'exclusive',
    tax_rate_details: { tax_rate: tax.rate },
    taxability_reason: 'standard_rated',
    taxable_amount: tax.taxable,
    type: 'tax_rate_details',
  }
}

export function taxRule(tx: Transaction, id: string): TaxRule {
  const rate = tx.get('tax_rate', id)
  return { id, percentage: decimal(String(rate.percentage)), isInclusive: rate.inclusive }
}

function discountLines(
  tx: Transaction,
  invoice: InvoiceDocument,
  lines: readonly Line[],
): readonly (readonly AppliedDiscount[])[] {
  const toRules = (ids: readonly string[]): readonly DiscountRule[] =>
    ids.map((id) => discountRule(tx, id, invoice.currency))
  return applyDiscounts(
    lines.map((line) => ({
      amount: line.amount,
      isDiscountable: line.discountable,
      product: line.inner.product,
      ownRules: line.discountable ? toRules(line.discounts) : [],
    })),
    toRules(invoice.discounts),
    invoice.currency,
  )
}

/** A discount as the rule of its coupon; a coupon without an amount in the currency takes nothing off. */
export function discountRule(tx: Transaction, id: string, currency: string): DiscountRule {
  const coupon = tx.get('coupon', tx.get('discount', id).source.coupon ?? '')
  const amountOff =
    coupon.currency === currency
      ? coupon.amount_off
      : (coupon.inner.currencyOptions[currency]?.amount_off ?? null)
  return {
    id,
    percentOff: coupon.percent_off === null ? null : decimal(String(coupon.percent_off)),
    amountOff,
    products: coupon.inner.products,
  }
}

/** Discounts that still apply at an instant. */
export function liveDiscounts(
  tx: Transaction,
  ids: readonly string[],
  at: number,
): readonly string[] {
  return ids.filter((id) => {
    const discount = tx.get('discount', id)
    return !discount.inner.isDeleted && (discount.end === null || discount.end > at)
  })
}

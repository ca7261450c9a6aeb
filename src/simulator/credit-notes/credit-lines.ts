import { decimal, multiply } from '../../kit/decimal.ts'
import { toUnitAmount } from '../catalog/amounts.ts'
import { applyTaxes } from '../billing/taxing.ts'
import { shareOf } from '../billing/prorations.ts'
import { linesOf } from '../billing/lines.ts'
import { roundExactToCharge } from '../billing/rounding.ts'
import { sumOf, taxRule, toTax } from '../billing/totals.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type {
  CreditNoteCreateParamsLine,
  CreditNoteLineItem,
  InvoiceLineItemTax,
} from '../stripe.generated.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'
import { newMetadata } from '../wire/metadata.ts'

type Invoice = Documents['invoice']
type InvoiceLine = Documents['line_item']

/** What is credited, line by line: parts of the invoice's own lines, or something described anew. */
export function creditLines(
  tx: Transaction,
  invoice: Invoice,
  given: readonly CreditNoteCreateParamsLine[],
): readonly CreditNoteLineItem[] {
  return given.map((line, index) => {
    const path = `lines[${index}]`
    return line.type === 'custom_line_item'
      ? customLine(tx, invoice, line, path)
      : partOfLine(tx, invoice, line, path)
  })
}

/** Part of an invoice as a whole, with its share of every tax. */
export function creditOfAmount(
  tx: Transaction,
  invoice: Invoice,
  amount: number,
): CreditNoteLineItem {
  const taxes = shareTaxes(invoice.total_taxes ?? [], amount, invoice.total, invoice.currency)
  return {
    ...emptyLine(tx),
    amount: amount - exclusiveTax(taxes),
    description: `Credit for invoice ${invoice.number ?? invoice.id}`,
    quantity: 1,
    taxes,
    type: 'custom_line_item',
    unit_amount: amount - exclusiveTax(taxes),
    unit_amount_decimal: String(amount - exclusiveTax(taxes)),
  }
}

export function exclusiveTax(taxes: readonly InvoiceLineItemTax[]): number {
  return sumOf(taxes.filter(({ tax_behavior: behavior }) => behavior === 'exclusive'))
}

function partOfLine(
  tx: Transaction,
  invoice: Invoice,
  given: CreditNoteCreateParamsLine,
  path: string,
): CreditNoteLineItem {
  const param = `${path}[invoice_line_item]`
  if (typeof given.invoice_line_item !== 'string') throw missingParameter(param)
  const line = linesOf(tx, invoice.id).find(({ id }) => id === given.invoice_line_item)
  if (line === undefined) {
    throw invalidRequest({
      code: 'resource_missing',
      message: `No such invoice line item: '${given.invoice_line_item}' on the invoice ${invoice.id}.`,
      param,
    })
  }
  const { numerator, denominator } = creditedPart(line, given, path)
  const part = (amount: number): number => shareOf(amount, numerator, denominator, invoice.currency)
  const discounts = (line.discount_amounts ?? []).map((entry) => ({
    ...entry,
    amount: part(entry.amount),
  }))
  const amount = part(line.amount)
  return {
    ...emptyLine(tx),
    amount,
    description: line.description,
    discount_amount: sumOf(discounts),
    discount_amounts: discounts,
    invoice_line_item: line.id,
    metadata: newMetadata(given.metadata),
    pretax_credit_amounts: discounts.map((entry) => ({ ...entry, type: 'discount' as const })),
    quantity: given.quantity ?? null,
    taxes:
      givenTaxes(tx, given, amount - sumOf(discounts), invoice.currency, path) ??
      shareTaxes(line.taxes ?? [], numerator, denominator, invoice.currency),
    type: 'invoice_line_item',
    unit_amount_decimal:
      given.quantity === undefined ? null : (line.pricing?.unit_amount_decimal ?? null),
  }
}

/** How much of a line is credited: so many of its units, or so much of its amount. */
function creditedPart(line: InvoiceLine, given: CreditNoteCreateParamsLine, path: string) {
  const { amount, quantity } = given
  if (amount !== undefined && quantity !== undefined) {
    throw exclusiveParameters(`${path}[amount]`, `${path}[quantity]`)
  }
  if (amount === undefined && quantity === undefined) throw missingParameter(`${path}[quantity]`)
  const numerator = amount ?? quantity ?? 0
  const denominator = amount === undefined ? (line.quantity ?? 0) : line.amount
  if (numerator > 0 && numerator <= denominator) return { numerator, denominator }
  const name = amount === undefined ? 'quantity' : 'amount'
  throw invalidRequest({
    message: `The ${name} to credit must be between 1 and the line's own (${denominator}); got ${numerator}.`,
    param: `${path}[${name}]`,
  })
}

function customLine(
  tx: Transaction,
  { currency }: Invoice,
  given: CreditNoteCreateParamsLine,
  path: string,
): CreditNoteLineItem {
  const quantity = given.quantity ?? 1
  const unit = toUnitAmount(given, path)
  if (unit.unit_amount_decimal === null) throw missingParameter(`${path}[unit_amount]`)
  if (typeof given.description !== 'string') throw missingParameter(`${path}[description]`)
  const exact = multiply(decimal(quantity), decimal(unit.unit_amount_decimal))
  const amount = roundExactToCharge(exact, currency)
  return {
    ...emptyLine(tx),
    amount,
    description: given.description,
    metadata: newMetadata(given.metadata),
    quantity,
    taxes: givenTaxes(tx, given, amount, currency, path) ?? [],
    tax_rates: (given.tax_rates ?? []).map((id) => tx.get('tax_rate', id)),
    type: 'custom_line_item',
    unit_amount: unit.unit_amount,
    unit_amount_decimal: unit.unit_amount_decimal,
  }
}

/** Taxes the request states: as amounts, or as rates to be worked out. Undefined when it states none. */
function givenTaxes(
  tx: Transaction,
  given: CreditNoteCreateParamsLine,
  taxable: number,
  currency: string,
  path: string,
): readonly InvoiceLineItemTax[] | undefined {
  const { tax_amounts: amounts, tax_rates: rates } = given
  if (amounts && rates) throw exclusiveParameters(`${path}[tax_amounts]`, `${path}[tax_rates]`)
  if (rates) {
    const rules = rates.map((id, index) =>
      taxRule(tx, getReferenced(tx, 'tax_rate', id, `${path}[tax_rates][${index}]`).id),
    )
    return applyTaxes(taxable, rules, currency).map(toTax)
  }
  return amounts?.map((entry, index) => {
    const name = `${path}[tax_amounts][${index}][tax_rate]`
    const { id, inclusive } = getReferenced(tx, 'tax_rate', entry.tax_rate, name)
    return toTax({
      rate: id,
      amount: entry.amount,
      taxable: entry.taxable_amount,
      isInclusive: inclusive,
    })
  })
}

function emptyLine(tx: Transaction): CreditNoteLineItem {
  return {
    id: tx.newId('cnli'),
    object: 'credit_note_line_item',
    amount: 0,
    description: null,
    discount_amount: 0,
    discount_amounts: [],
    livemode: tx.realm.isLive,
    metadata: {},
    pretax_credit_amounts: [],
    quantity: null,
    tax_rates: [],
    taxes: [],
    type: 'invoice_line_item',
    unit_amount: null,
    unit_amount_decimal: null,
  }
}

function shareTaxes(
  taxes: readonly InvoiceLineItemTax[],
  numerator: number,
  denominator: number,
  currency: string,
): readonly InvoiceLineItemTax[] {
  return taxes.map((tax) => ({
    ...tax,
    amount: shareOf(tax.amount, numerator, denominator, currency),
    taxable_amount:
      tax.taxable_amount === null
        ? null
        : shareOf(tax.taxable_amount, numerator, denominator, currency),
  }))
}

import { requireCustomer } from '../customers/require-customer.ts'
import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { Handlers } from '../wire/calls.ts'
import { invalidRequest, missingResource } from '../wire/errors.ts'
import { getById, getReferenced } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { requireDraft } from './draft-editing.ts'
import { attachItem } from './invoice-item-creation.ts'
import { createItem, type GivenPricing } from './invoice-item-operations.ts'
import { addUp } from './totals.ts'

/** Editing the lines of a draft directly. Lines that are no subscription items are invoice items underneath. */
export const invoiceLineOperations: Handlers = {
  'POST /v1/invoices/{id}/add_lines': ({ tx, params, id }) => {
    getById(tx, 'invoice', id)
    const invoice = requireDraft(tx, id, 'id')
    for (const line of params.lines) {
      if (line.invoice_item === undefined) {
        const customer = requireCustomer(tx, invoice.customer ?? '')
        attachItem(tx, createItem(tx, customer, line, invoice), id)
      } else {
        const item = getReferenced(tx, 'invoiceitem', line.invoice_item, 'lines[invoice_item]')
        if (item.invoice !== null || item.customer !== invoice.customer) {
          throw invalidRequest({
            message: `The invoice item ${item.id} is on an invoice already, or belongs to another customer.`,
            param: 'lines[invoice_item]',
          })
        }
        attachItem(tx, item, id)
      }
    }
    setMetadata(tx, id, params.invoice_metadata)
    addUp(tx, id)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{id}/update_lines': ({ tx, params, id }) => {
    getById(tx, 'invoice', id)
    requireDraft(tx, id, 'id')
    for (const line of params.lines) editLine(tx, id, line.id, line)
    setMetadata(tx, id, params.invoice_metadata)
    addUp(tx, id)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{id}/remove_lines': ({ tx, params, id }) => {
    getById(tx, 'invoice', id)
    requireDraft(tx, id, 'id')
    for (const { id: lineId, behavior } of params.lines) {
      const line = ownLine(tx, id, lineId)
      const item = line.inner.invoiceItem
      tx.remove('line_item', lineId)
      if (item === null) continue
      if (behavior === 'unassign') {
        tx.update('invoiceitem', item, { invoice: null })
      } else {
        tx.emit('invoiceitem.deleted', 'invoiceitem', item)
        tx.remove('invoiceitem', item)
      }
    }
    setMetadata(tx, id, params.invoice_metadata)
    addUp(tx, id)
    return tx.present('invoice', id)
  },

  'POST /v1/invoices/{invoiceId}/lines/{id}': ({ tx, params, path, id }) => {
    const invoice = getById(tx, 'invoice', path['invoiceId'] ?? '')
    requireDraft(tx, invoice.id, 'id')
    editLine(tx, invoice.id, id, params)
    addUp(tx, invoice.id)
    return tx.present('line_item', id)
  },
}

function ownLine(tx: Transaction, invoice: string, id: string): Documents['line_item'] {
  const line = getById(tx, 'line_item', id)
  if (line.invoice !== invoice) throw missingResource('line_item', id)
  return line
}

function editLine(tx: Transaction, invoice: string, id: string, given: GivenPricing): void {
  const line = ownLine(tx, invoice, id)
  if (given.amount !== undefined && line.inner.isMetered) {
    throw invalidRequest({
      message: 'The amount of a usage line follows from the meter and cannot be set.',
      param: 'amount',
    })
  }
  tx.update('line_item', id, {
    amount: given.amount ?? line.amount,
    subtotal: given.amount ?? line.subtotal,
    description: given.description === undefined ? line.description : given.description,
    discountable: given.discountable ?? line.discountable,
    metadata: mergeMetadata(line.metadata, given.metadata),
    period: given.period ?? line.period,
    quantity: given.quantity ?? line.quantity,
    quantity_decimal:
      given.quantity_decimal ??
      (given.quantity === undefined ? line.quantity_decimal : String(given.quantity)),
    inner: {
      ...line.inner,
      taxRates: given.tax_rates === undefined ? line.inner.taxRates : given.tax_rates,
    },
  })
}

function setMetadata(
  tx: Transaction,
  id: string,
  given: Readonly<Record<string, string>> | null | undefined,
): void {
  const { metadata } = tx.get('invoice', id)
  tx.update('invoice', id, { metadata: mergeMetadata(metadata ?? {}, given) })
}

import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { invalidRequest } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'

/** Only drafts change. What is finalized is corrected by credit notes. */
export function requireDraft(tx: Transaction, id: string, param: string): Documents['invoice'] {
  const invoice = getReferenced(tx, 'invoice', id, param)
  if (invoice.status === 'draft') return invoice
  throw invalidRequest({
    code: 'invoice_not_editable',
    message: `Invoice ${id} is no longer editable: it is ${invoice.status}. Only drafts can be changed.`,
    param,
  })
}

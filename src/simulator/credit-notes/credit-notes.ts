import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import type { CreditNote, CreditNoteCreateParams } from '../stripe.generated.ts'
import type { Handlers } from '../wire/calls.ts'
import { changed } from '../wire/changed.ts'
import { embeddedList, isInRange, listPage, pageOf } from '../wire/list.ts'
import { getById } from '../wire/lookup.ts'
import { mergeMetadata } from '../wire/metadata.ts'
import { issueCreditNote, voidCreditNote } from './issue.ts'

const KIND = 'credit_note'

export const creditNoteOperations: Handlers = {
  'POST /v1/credit_notes': ({ tx, params }) =>
    tx.present(KIND, issueCreditNote(tx, params, { isPreview: false }).id),

  'GET /v1/credit_notes': ({ tx, params }) =>
    listPage(tx, KIND, {
      url: '/v1/credit_notes',
      params,
      ...(params.invoice === undefined
        ? params.customer === undefined
          ? {}
          : { among: tx.where(KIND, 'customer', params.customer) }
        : { among: tx.where(KIND, 'invoice', params.invoice) }),
      matches: (note) =>
        (params.customer === undefined || note.customer === params.customer) &&
        isInRange(note.created, params.created),
    }),

  'GET /v1/credit_notes/preview': ({ tx, params }) =>
    preview(tx, params, (note) => tx.present(KIND, note.id)),

  'GET /v1/credit_notes/preview/lines': ({ tx, params }) =>
    preview(tx, params, ({ inner }) =>
      pageOf(inner.lines, { url: '/v1/credit_notes/preview/lines', params }),
    ),

  'GET /v1/credit_notes/{id}': ({ tx, id }) => tx.present(KIND, getById(tx, KIND, id).id),

  'POST /v1/credit_notes/{id}': ({ tx, params, id }) => {
    const note = getById(tx, KIND, id)
    tx.update(KIND, id, {
      memo: changed(params.memo, note.memo),
      metadata: mergeMetadata(note.metadata ?? {}, params.metadata),
    })
    return tx.present(KIND, id)
  },

  'GET /v1/credit_notes/{id}/lines': ({ tx, params, id }) =>
    pageOf(getById(tx, KIND, id).inner.lines, { url: `/v1/credit_notes/${id}/lines`, params }),

  'POST /v1/credit_notes/{id}/void': ({ tx, id }) => {
    voidCreditNote(tx, getById(tx, KIND, id))
    return tx.present(KIND, id)
  },
}

export function presentCreditNote(
  _tx: Transaction,
  { inner, ...note }: Documents[typeof KIND],
): CreditNote {
  return { ...note, lines: embeddedList(inner.lines, `/v1/credit_notes/${note.id}/lines`) }
}

/** Issues the credit note, looks at it and takes it back. */
function preview<T>(
  tx: Transaction,
  params: CreditNoteCreateParams,
  show: (note: Documents[typeof KIND]) => T,
): T {
  const undo = tx.savepoint()
  try {
    return show(issueCreditNote(tx, params, { isPreview: true }))
  } finally {
    undo()
  }
}

import type { Documents, Kind } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { missingReference, missingResource, StripeError } from './errors.ts'

/** How Stripe names an object in "No such …", where that is not its kind. */
const LABELS: { readonly [K in Kind]?: string } = {
  'test_helpers.test_clock': 'test clock',
  promotion_code: 'promotion code',
}

const labelOf = (kind: Kind): string => LABELS[kind] ?? kind

/** The object an id in the path names, or Stripe's 404. */
export function getById<K extends Kind>(tx: Transaction, kind: K, id: string): Documents[K] {
  const document = findLiving(tx, kind, id)
  if (document !== undefined) return document
  throw withModeHint(tx, kind, id, missingResource(labelOf(kind), id))
}

/** The object a parameter refers to, or Stripe's 400. */
export function getReferenced<K extends Kind>(
  tx: Transaction,
  kind: K,
  id: string,
  param: string,
): Documents[K] {
  const document = findLiving(tx, kind, id)
  if (document !== undefined) return document
  throw withModeHint(tx, kind, id, missingReference(labelOf(kind), id, param))
}

/** Deleted objects stay readable for those who refer to them and are gone for everybody who asks by id. */
function findLiving<K extends Kind>(
  tx: Transaction,
  kind: K,
  id: string,
): Documents[K] | undefined {
  const document = tx.find(kind, id)
  return document === undefined || isDeleted(document) ? undefined : document
}

export function isDeleted(document: object): boolean {
  const { inner } = document as { readonly inner?: { readonly isDeleted?: boolean } }
  return inner?.isDeleted === true
}

function withModeHint(tx: Transaction, kind: Kind, id: string, error: StripeError): StripeError {
  if (!tx.existsInOtherMode(kind, id)) return error
  const [other, own] = tx.realm.isLive ? ['test', 'live'] : ['live', 'test']
  return new StripeError(error.status, {
    ...error.body,
    message: `${error.body.message}; a similar object exists in ${other} mode, but a ${own} mode key was used to make this request.`,
  })
}

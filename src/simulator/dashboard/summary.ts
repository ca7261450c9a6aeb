import { showAmount } from '../pages/money.ts'
import type { Kind } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'

/** What a list says of an object, whatever its kind. */
export interface Summary {
  readonly id: string
  /** What people call it; null where it has nothing but its id. */
  readonly label: string | null
  readonly status: string | null
  readonly amount: string | null
  readonly customer: string | null
  readonly created: number | null
}

type Fields = Readonly<Record<string, unknown>>

/** In the order in which they say most. */
const LABELS = [
  'name',
  'display_name',
  'nickname',
  'email',
  'number',
  'code',
  'lookup_key',
  'description',
  'event_name',
  'url',
  'reason',
  'mode',
  'billing_reason',
  'type',
]
const STATES = ['status', 'state', 'delinquent', 'active', 'valid']
const AMOUNTS = ['amount', 'amount_due', 'amount_total', 'total', 'unit_amount']

export function summarize(tx: Transaction, kind: Kind, id: string): Summary {
  const object = tx.present(kind, id) as Fields
  return {
    id,
    label: labelOf(kind, object),
    status: stateOf(object),
    amount: amountOf(object),
    customer: typeof object['customer'] === 'string' ? object['customer'] : null,
    created: timeOf(object['created'] ?? object['createdAt']),
  }
}

function labelOf(kind: Kind, object: Fields): string | null {
  const { card } = object as { readonly card?: { readonly brand: string; readonly last4: string } }
  if (kind === 'payment_method' && card !== undefined) return `${card.brand} •••• ${card.last4}`
  for (const name of LABELS) {
    const value = object[name]
    if (typeof value === 'string' && value !== '') return value
  }
  return null
}

function stateOf(object: Fields): string | null {
  for (const name of STATES) {
    const value = object[name]
    if (typeof value === 'string') return value
    if (name !== 'delinquent' && typeof value === 'boolean') return value ? 'active' : 'inactive'
  }
  return null
}

function amountOf(object: Fields): string | null {
  const { currency } = object
  if (typeof currency !== 'string') return null
  for (const name of AMOUNTS) {
    const value = object[name]
    if (typeof value === 'number') return showAmount(value, currency)
  }
  return null
}

function timeOf(value: unknown): number | null {
  if (typeof value === 'number') return value
  const instant = typeof value === 'string' ? Date.parse(value) : Number.NaN
  return Number.isNaN(instant) ? null : Math.floor(instant / 1_000)
}

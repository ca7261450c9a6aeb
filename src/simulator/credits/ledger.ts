import type { Documents } from '../store/documents.ts'
import type { Transaction } from '../store/transaction.ts'
import { exclusiveParameters, invalidRequest, missingParameter } from '../wire/errors.ts'
import { getReferenced } from '../wire/lookup.ts'

type Grant = Documents['billing.credit_grant']

interface Entry {
  readonly grant: Grant
  readonly amount: number
  readonly type:
    | 'credits_granted'
    | 'credits_application_invoice_voided'
    | 'credits_applied'
    | 'credits_expired'
    | 'credits_voided'
  readonly effectiveAt: number
  readonly invoice?: string
  readonly line?: string
}

/** Writes one movement of a grant. What a grant has left is never stored: it is the sum of these. */
export function recordMovement(tx: Transaction, entry: Entry): string {
  const { grant, type } = entry
  const amount = {
    monetary: { currency: grant.amount.monetary?.currency ?? 'usd', value: entry.amount },
    type: 'monetary' as const,
  }
  const use =
    entry.invoice === undefined
      ? null
      : { invoice: entry.invoice, invoice_line_item: entry.line ?? '' }
  const isCredit = type === 'credits_granted' || type === 'credits_application_invoice_voided'
  const id = tx.newId('cbtxn')
  tx.insert('billing.credit_balance_transaction', {
    id,
    object: 'billing.credit_balance_transaction',
    created: tx.now(grant.test_clock),
    credit: isCredit ? { amount, credits_application_invoice_voided: use, type } : null,
    credit_grant: grant.id,
    debit: isCredit ? null : { amount, credits_applied: use, type },
    effective_at: entry.effectiveAt,
    livemode: tx.realm.isLive,
    test_clock: grant.test_clock,
    type: isCredit ? 'credit' : 'debit',
    inner: { customer: grant.customer, invoice: entry.invoice ?? null },
  })
  tx.emit('billing.credit_balance_transaction.created', 'billing.credit_balance_transaction', id)
  return id
}

/** What a grant has left, whether it can be used yet or not. */
export function remainingOf(tx: Transaction, grant: string): number {
  return tx
    .where('billing.credit_balance_transaction', 'credit_grant', grant)
    .reduce(
      (sum, { credit, debit }) =>
        sum + (credit?.amount.monetary?.value ?? 0) - (debit?.amount.monetary?.value ?? 0),
      0,
    )
}

export function isUsable(grant: Grant, now: number): boolean {
  return (
    grant.voided_at === null &&
    (grant.effective_at === null || grant.effective_at <= now) &&
    (grant.expires_at === null || grant.expires_at > now)
  )
}

export interface Scope {
  readonly price_type?: 'metered' | undefined
  readonly prices?: readonly { readonly id: string | null }[] | undefined
}

const MAX_PRICES = 20

/** Credits pay for usage only: for all metered prices, or for those that are listed. */
export function readScope(tx: Transaction, scope: Scope, param: string): Scope {
  const { price_type: type, prices } = scope
  if (type !== undefined && prices !== undefined) {
    throw exclusiveParameters(`${param}[price_type]`, `${param}[prices]`)
  }
  if (prices === undefined) {
    if (type === undefined) throw missingParameter(`${param}[price_type]`)
    return { price_type: type }
  }
  if (prices.length === 0 || prices.length > MAX_PRICES) {
    throw invalidRequest({
      message: `Credits can be limited to between 1 and ${MAX_PRICES} prices.`,
      param: `${param}[prices]`,
    })
  }
  for (const [index, { id }] of prices.entries()) {
    const name = `${param}[prices][${index}][id]`
    const price = getReferenced(tx, 'price', id ?? '', name)
    if (price.recurring?.usage_type === 'metered') continue
    throw invalidRequest({
      message: `Credits apply to metered prices only, and ${price.id} is none.`,
      param: name,
    })
  }
  return { prices: prices.map(({ id }) => ({ id })) }
}

export function coversPrice(tx: Transaction, scope: Scope, priceId: string): boolean {
  const isMetered = tx.get('price', priceId).recurring?.usage_type === 'metered'
  if (scope.prices !== undefined) return isMetered && scope.prices.some(({ id }) => id === priceId)
  return isMetered
}

/** The order credits are used in: priority, then what expires first, then gifts before what was paid for, then age. */
export function inOrderOfUse(grants: readonly Grant[]): readonly Grant[] {
  return grants.toSorted(
    (a, b) =>
      (a.priority ?? DEFAULT_PRIORITY) - (b.priority ?? DEFAULT_PRIORITY) ||
      compare(a.expires_at ?? Infinity, b.expires_at ?? Infinity) ||
      Number(a.category === 'paid') - Number(b.category === 'paid') ||
      (a.effective_at ?? a.created) - (b.effective_at ?? b.created) ||
      a.created - b.created,
  )
}

export const DEFAULT_PRIORITY = 50

/** Infinity minus itself is no number. */
function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1
}

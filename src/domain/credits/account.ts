import { assertNever } from '../../kit/assert.ts'
import { add, type Decimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { usableHoldings } from './burn-order.ts'
import {
  type CreditUnit,
  EMPTY_BALANCE,
  type GrantBalance,
  type Holding,
  unreserved,
} from './grant.ts'

/** A customer's grants of one unit, and what was used beyond them. */
export interface CreditAccount {
  readonly unit: CreditUnit
  readonly holdings: readonly Holding[]
  /** Of a customer who may go below zero. The next grant pays it first. */
  readonly debt: Decimal
}

export type LedgerEntryType =
  | 'granted'
  | 'reserved'
  | 'released'
  | 'burned'
  | 'expired'
  | 'voided'
  | 'adjusted'

/** One movement, appended and never changed. `grantId: null` is the debt. */
export interface LedgerEntry {
  readonly grantId: string | null
  readonly type: LedgerEntryType
  /** Never negative; the type says the direction. */
  readonly amount: Decimal
  readonly cause: LedgerCause
  /** The account's book balance after this entry: the sum of all entries, whatever has meanwhile expired by time. */
  readonly balanceAfter: Decimal
}

export interface LedgerCause {
  readonly kind:
    | 'grant'
    | 'request'
    | 'usage'
    | 'invoice'
    | 'invoice_line'
    | 'expiry'
    | 'refund'
    | 'dispute'
    | 'operator'
    | 'debt'
  readonly id: string
}

/** Before the balance after it is known. */
export type Movement = Omit<LedgerEntry, 'balanceAfter'>

/** What can be spent now: expired, frozen and future grants do not count, a debt does. */
export function availableCredits(
  { holdings, debt }: CreditAccount,
  featureKey: string | null,
  now: Instant,
): Decimal {
  const usable = usableHoldings(holdings, featureKey, now)
  return subtract(
    usable.reduce((sum, { balance }) => add(sum, unreserved(balance)), ZERO),
    debt,
  )
}

/** The sum of all entries. */
export function bookBalance({ holdings, debt }: CreditAccount): Decimal {
  return subtract(
    holdings.reduce((sum, { balance }) => add(sum, unreserved(balance)), ZERO),
    debt,
  )
}

/** Applies movements one after the other and notes the balance after each. */
export function post(
  account: CreditAccount,
  movements: readonly Movement[],
): { readonly account: CreditAccount; readonly entries: readonly LedgerEntry[] } {
  let current = account
  const entries = movements.map((movement) => {
    current = applyMovement(current, movement)
    return { ...movement, balanceAfter: bookBalance(current) }
  })
  return { account: current, entries }
}

function applyMovement(account: CreditAccount, movement: Movement): CreditAccount {
  const { grantId } = movement
  if (grantId === null) return { ...account, debt: debtAfter(account.debt, movement) }
  const index = account.holdings.findIndex(({ grant }) => grant.id === grantId)
  const holding = account.holdings[index]
  if (holding === undefined) throw new RangeError(`The account has no grant ${grantId}`)
  const balance = balanceAfter(holding.balance, movement)
  return { ...account, holdings: account.holdings.with(index, { ...holding, balance }) }
}

function debtAfter(debt: Decimal, { type, amount }: Movement): Decimal {
  switch (type) {
    case 'burned':
      return add(debt, amount)
    case 'adjusted':
      return subtract(debt, amount)
    case 'granted':
    case 'reserved':
    case 'released':
    case 'expired':
    case 'voided':
      throw new RangeError(`A debt is burned or adjusted, never ${type}`)
    default:
      return assertNever(type)
  }
}

function balanceAfter(balance: GrantBalance, { type, amount }: Movement): GrantBalance {
  switch (type) {
    case 'granted':
    case 'adjusted':
      return { ...balance, granted: add(balance.granted, amount) }
    case 'reserved':
      return { ...balance, reserved: add(balance.reserved, amount) }
    case 'released':
      return { ...balance, reserved: subtract(balance.reserved, amount) }
    case 'burned':
      return { ...balance, burned: add(balance.burned, amount) }
    case 'expired':
      return { ...balance, expired: add(balance.expired, amount) }
    case 'voided':
      return { ...balance, voided: add(balance.voided, amount) }
    default:
      return assertNever(type)
  }
}

/** The balances a ledger adds up to: what is stored must equal this, entry by entry. */
export function replay(
  unit: CreditUnit,
  grants: readonly Holding['grant'][],
  movements: readonly Movement[],
): ReturnType<typeof post> {
  const holdings = grants.map((grant) => ({ grant, balance: EMPTY_BALANCE }))
  return post({ unit, holdings, debt: ZERO }, movements)
}

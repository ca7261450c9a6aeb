import { type Decimal, minDecimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import {
  availableCredits,
  type CreditAccount,
  type LedgerCause,
  type LedgerEntry,
  type Movement,
  post,
} from './account.ts'
import { usableHoldings } from './burn-order.ts'
import { type CreditGrant, EMPTY_BALANCE, isExpired, unreserved } from './grant.ts'

/**
 * Every change of a balance, decided here and applied by whoever stores the entries. Deciding and storing happen under
 * one lock of the account; a decision made on an older account is thrown away.
 */
export interface Posting {
  readonly kind: 'posted'
  readonly account: CreditAccount
  readonly entries: readonly LedgerEntry[]
}

export interface InsufficientCredits {
  readonly kind: 'refused'
  readonly code: 'insufficient_credits'
  readonly available: Decimal
  readonly missing: Decimal
}

/** Part of a reservation, held on one grant. */
export interface Hold {
  readonly grantId: string
  readonly amount: Decimal
}

export interface SpendContext {
  readonly featureKey: string | null
  readonly cause: LedgerCause
  readonly now: Instant
  /** Soft customers may go below zero; hard ones are refused. */
  readonly isSoft: boolean
}

/**
 * Books a grant whose payment, if it needed one, succeeded. A debt is paid from it before anything else, unless the
 * grant is for certain features only or for later; until then the debt weighs on what is available.
 */
export function decideGrant(account: CreditAccount, grant: CreditGrant, now: Instant): Posting {
  const cause: LedgerCause = { kind: 'grant', id: grant.id }
  const canRepay = grant.appliesTo === null && !grant.isFrozen && grant.effectiveAt <= now
  const repaid = canRepay ? minDecimal(account.debt, grant.amount) : ZERO
  const movements: Movement[] = [
    { grantId: grant.id, type: 'granted', amount: grant.amount, cause },
  ]
  if (repaid > ZERO) {
    const repayment: LedgerCause = { kind: 'debt', id: grant.id }
    movements.push(
      { grantId: grant.id, type: 'burned', amount: repaid, cause: repayment },
      { grantId: null, type: 'adjusted', amount: repaid, cause: repayment },
    )
  }
  const holdings = [...account.holdings, { grant, balance: EMPTY_BALANCE }]
  return posted({ ...account, holdings }, movements)
}

/** Holds what a request is expected to cost, so that requests in parallel cannot spend it twice. */
export function decideReserve(
  account: CreditAccount,
  amount: Decimal,
  context: SpendContext,
): (Posting & { readonly holds: readonly Hold[] }) | InsufficientCredits {
  const refusal = refuseIfShort(account, amount, context)
  if (refusal !== undefined) return refusal
  const holds = spread(account, amount, context)
  const movements = holds.map((hold) => move(hold, 'reserved', context.cause))
  return { ...posted(account, movements), holds }
}

/**
 * Replaces a reservation by what the request really cost. Held credits may be burned even if their grant expired in
 * the meantime. What exceeds the reservation is taken from what else is there; of the rest a soft customer owes the
 * debt, and of a hard one it is the `shortfall` that nobody pays: the request was served, the balance stays at zero.
 */
export function decideSettle(
  account: CreditAccount,
  holds: readonly Hold[],
  actual: Decimal,
  context: SpendContext,
): Posting & { readonly shortfall: Decimal } {
  let left = actual
  const movements: Movement[] = []
  for (const hold of holds) {
    const used = minDecimal(hold.amount, left)
    movements.push(move(hold, 'released', context.cause))
    if (used > ZERO) movements.push(move({ ...hold, amount: used }, 'burned', context.cause))
    left = subtract(left, used)
  }
  const settled = post(account, movements).account
  for (const hold of left > ZERO ? spread(settled, left, context) : []) {
    movements.push(move(hold, 'burned', context.cause))
    left = subtract(left, hold.amount)
  }
  if (left > ZERO && context.isSoft) {
    movements.push({ grantId: null, type: 'burned', amount: left, cause: context.cause })
  }
  return { ...posted(account, movements), shortfall: context.isSoft ? ZERO : left }
}

/** Burns without a reservation: all of it, or nothing. */
export function decideBurn(
  account: CreditAccount,
  amount: Decimal,
  context: SpendContext,
): Posting | InsufficientCredits {
  const refusal = refuseIfShort(account, amount, context)
  if (refusal !== undefined) return refusal
  const { kind, account: after, entries } = decideSettle(account, [], amount, context)
  return { kind, account: after, entries }
}

/** Gives a reservation back: the request failed, was not billable, or its time ran out. */
export function decideRelease(
  account: CreditAccount,
  holds: readonly Hold[],
  cause: LedgerCause,
): Posting {
  return posted(
    account,
    holds.map((hold) => move(hold, 'released', cause)),
  )
}

/** Books what time has already taken away; what is still held is booked once it is released. */
export function decideExpire(account: CreditAccount, now: Instant): Posting {
  const movements = account.holdings
    .filter(({ grant, balance }) => isExpired(grant, now) && unreserved(balance) > ZERO)
    .map(({ grant, balance }): Movement => {
      const cause: LedgerCause = { kind: 'expiry', id: grant.id }
      return { grantId: grant.id, type: 'expired', amount: unreserved(balance), cause }
    })
  return posted(account, movements)
}

/** Takes back what is left of a grant, or a part of it; what is held or burned stays with whoever has it. */
export function decideVoid(
  account: CreditAccount,
  grantId: string,
  amount: Decimal | 'unburned',
  cause: LedgerCause,
): Posting {
  const holding = account.holdings.find(({ grant }) => grant.id === grantId)
  const left = holding === undefined ? ZERO : unreserved(holding.balance)
  const voided = amount === 'unburned' ? left : minDecimal(amount, left)
  return posted(account, voided > ZERO ? [{ grantId, type: 'voided', amount: voided, cause }] : [])
}

/**
 * Takes a debt back that was not owed after all: what is still owed is forgiven, and what grants have paid of it since
 * comes back to them, the last first.
 */
export function decideForgive(
  account: CreditAccount,
  amount: Decimal,
  repayments: readonly Hold[],
  cause: LedgerCause,
): Posting {
  const forgiven = minDecimal(account.debt, amount)
  let left = subtract(amount, forgiven)
  const movements: Movement[] =
    forgiven > ZERO ? [{ grantId: null, type: 'adjusted', amount: forgiven, cause }] : []
  for (const { grantId, amount: paid } of repayments) {
    const back = minDecimal(left, paid)
    if (back <= ZERO) continue
    movements.push({ grantId, type: 'adjusted', amount: back, cause })
    left = subtract(left, back)
  }
  return posted(account, movements)
}

/** What was taken back of a grant beyond what was left of it then: refunded, and in use or burned at that time. */
export interface Claim {
  readonly grantId: string
  readonly amount: Decimal
  readonly cause: LedgerCause
}

/** Meets claims with what has become free since, each under its own cause. */
export function decideClaims(account: CreditAccount, claims: readonly Claim[]): Posting {
  let current = account
  const movements: Movement[] = []
  for (const { grantId, amount, cause } of claims) {
    const { account: after, entries } = decideVoid(current, grantId, amount, cause)
    current = after
    movements.push(...entries)
  }
  return posted(account, movements)
}

function refuseIfShort(
  account: CreditAccount,
  amount: Decimal,
  { featureKey, now, isSoft }: SpendContext,
): InsufficientCredits | undefined {
  const available = availableCredits(account, featureKey, now)
  if (isSoft || available >= amount) return undefined
  return {
    kind: 'refused',
    code: 'insufficient_credits',
    available,
    missing: subtract(amount, available),
  }
}

/** Distributes an amount over the usable grants in burn order, as far as they reach. */
function spread(
  account: CreditAccount,
  amount: Decimal,
  { featureKey, now }: SpendContext,
): Hold[] {
  let left = amount
  const holds: Hold[] = []
  for (const { grant, balance } of usableHoldings(account.holdings, featureKey, now)) {
    if (left <= ZERO) break
    const taken = minDecimal(left, unreserved(balance))
    holds.push({ grantId: grant.id, amount: taken })
    left = subtract(left, taken)
  }
  return holds
}

function move(
  { grantId, amount }: Hold,
  type: 'reserved' | 'released' | 'burned',
  cause: LedgerCause,
): Movement {
  return { grantId, type, amount, cause }
}

function posted(account: CreditAccount, movements: readonly Movement[]): Posting {
  return { kind: 'posted', ...post(account, movements) }
}

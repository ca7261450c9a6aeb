import type { Currency } from '../../kit/currency.ts'
import { type Decimal, subtract, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'

/** What a balance is counted in. Balances of different units never mix; a burn rate translates usage into one. */
export type CreditUnit =
  /** Major units of a currency, to twelve digits: a call may cost a fraction of a cent. */
  | { readonly kind: 'money'; readonly currency: Currency }
  /** Units of one feature, such as 50,000 requests. */
  | { readonly kind: 'feature'; readonly featureKey: string }
  /** A credit system of the operator's own. */
  | { readonly kind: 'custom'; readonly creditKey: string }

export type CreditCategory = 'paid' | 'promotional' | 'plan' | 'compensation' | 'rollover'

/** A balance somebody was given or bought. Refills are new grants; nothing ever overwrites one. */
export interface CreditGrant {
  readonly id: string
  readonly unit: CreditUnit
  readonly amount: Decimal
  readonly category: CreditCategory
  /** 1 to 255, the lowest is used first. */
  readonly priority: number
  readonly effectiveAt: Instant
  readonly expiresAt: Instant | null
  /** Features it may pay for; null is all of them. */
  readonly appliesTo: readonly string[] | null
  /** What it came from. Unique, so that a purchase reported twice grants once. */
  readonly source: GrantSource
  /** Pending until its payment succeeded; a pending grant is not in the ledger. */
  readonly state: 'pending' | 'active' | 'voided'
  /** While a dispute about its payment is open, nothing is taken from it. */
  readonly isFrozen: boolean
}

export interface GrantSource {
  readonly kind:
    | 'invoice_line'
    | 'checkout_session'
    | 'promotion'
    | 'plan'
    | 'rollover'
    | 'compensation'
    | 'operator'
  readonly id: string
}

/** A grant before it is stored and has an id. */
export type GrantDraft = Omit<CreditGrant, 'id' | 'state' | 'isFrozen'>

/** What has happened to a grant so far; each sum of one type of ledger entry, reservations net of releases. */
export interface GrantBalance {
  readonly granted: Decimal
  readonly reserved: Decimal
  readonly burned: Decimal
  readonly expired: Decimal
  readonly voided: Decimal
}

export const EMPTY_BALANCE: GrantBalance = {
  granted: ZERO,
  reserved: ZERO,
  burned: ZERO,
  expired: ZERO,
  voided: ZERO,
}

export interface Holding {
  readonly grant: CreditGrant
  readonly balance: GrantBalance
}

/** What is neither burned, expired, voided nor spoken for. */
export function unreserved({ granted, reserved, burned, expired, voided }: GrantBalance): Decimal {
  return [reserved, burned, expired, voided].reduce(subtract, granted)
}

export type GrantState = 'pending' | 'active' | 'depleted' | 'expired' | 'voided'

/** What to show: depletion and expiry follow from the balance and the time and are stored nowhere. */
export function grantStateAt({ grant, balance }: Holding, now: Instant): GrantState {
  if (grant.state !== 'active') return grant.state
  if (unreserved(balance) === ZERO && balance.reserved === ZERO) {
    return balance.expired > ZERO ? 'expired' : 'depleted'
  }
  return isExpired(grant, now) ? 'expired' : 'active'
}

export function isExpired({ expiresAt }: CreditGrant, now: Instant): boolean {
  return expiresAt !== null && expiresAt <= now
}

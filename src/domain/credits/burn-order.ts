import { ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import { type CreditGrant, type Holding, isExpired, unreserved } from './grant.ts'

/**
 * Which of two grants is used first: the lower priority number, then the one that expires sooner, then what was given
 * rather than paid for, then the older one. The order of Stripe's credit grants, so that numbers can be compared.
 */
export function compareGrants(a: CreditGrant, b: CreditGrant): number {
  return (
    a.priority - b.priority ||
    compareExpiry(a.expiresAt, b.expiresAt) ||
    paidRank(a) - paidRank(b) ||
    a.effectiveAt - b.effectiveAt ||
    compareIds(a.id, b.id)
  )
}

/** What can be taken from now for a feature, first first. Null asks for grants that pay for anything. */
export function usableHoldings(
  holdings: readonly Holding[],
  featureKey: string | null,
  now: Instant,
): Holding[] {
  return holdings
    .filter(({ grant, balance }) => {
      return isUsable(grant, featureKey, now) && unreserved(balance) > ZERO
    })
    .toSorted((a, b) => compareGrants(a.grant, b.grant))
}

function isUsable(grant: CreditGrant, featureKey: string | null, now: Instant): boolean {
  if (grant.state !== 'active' || grant.isFrozen) return false
  if (now < grant.effectiveAt || isExpired(grant, now)) return false
  if (grant.appliesTo === null) return true
  return featureKey !== null && grant.appliesTo.includes(featureKey)
}

function compareExpiry(a: Instant | null, b: Instant | null): number {
  if (a === b) return 0
  if (a === null) return 1
  return b === null ? -1 : a - b
}

function paidRank({ category }: CreditGrant): number {
  return category === 'paid' ? 1 : 0
}

function compareIds(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}

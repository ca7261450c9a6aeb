import { add, type Decimal, ZERO } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { CreditAccount } from './account.ts'
import { isExpired, unreserved } from './grant.ts'

/** Less than one in so many of what was granted is low. */
const LOW_SHARE = 5n

export interface CreditLevel {
  readonly kind: 'enough' | 'low' | 'depleted'
  readonly left: Decimal
  /** The grant that came last. What was said of a balance is said again once there is another one. */
  readonly since: string
}

/**
 * How full an account is: what valid grants have left, with what is held, next to what they gave. Undefined where
 * nothing was ever granted.
 */
export function levelOf({ holdings }: CreditAccount, now: Instant): CreditLevel | undefined {
  const valid = holdings.filter(
    ({ grant }) => grant.state === 'active' && grant.effectiveAt <= now && !isExpired(grant, now),
  )
  const last = holdings.toSorted((a, b) => (a.grant.id < b.grant.id ? -1 : 1)).at(-1)
  if (last === undefined) return undefined
  const sum = (pick: (holding: (typeof valid)[number]) => Decimal) =>
    valid.reduce((total, holding) => add(total, pick(holding)), ZERO)
  const granted = sum(({ balance }) => balance.granted)
  const left = sum(({ balance }) => add(unreserved(balance), balance.reserved))
  const kind = left <= ZERO ? 'depleted' : left * LOW_SHARE < granted ? 'low' : 'enough'
  return { kind, left, since: last.grant.id }
}

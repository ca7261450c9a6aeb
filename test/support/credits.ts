import { decimal, type Decimal } from '../../src/kit/decimal.ts'
import type { CreditAccount } from '../../src/domain/credits/account.ts'
import { type CreditGrant, EMPTY_BALANCE } from '../../src/domain/credits/grant.ts'

export function aGrant(
  id: string,
  amount: string | Decimal,
  changes: Partial<CreditGrant> = {},
): CreditGrant {
  return {
    id,
    unit: { kind: 'custom', creditKey: 'credits' },
    amount: typeof amount === 'string' ? decimal(amount) : amount,
    category: 'paid',
    priority: 100,
    effectiveAt: 0,
    expiresAt: null,
    appliesTo: null,
    source: { kind: 'checkout_session', id },
    state: 'active',
    isFrozen: false,
    ...changes,
  }
}

/** An account whose grants are booked and untouched. */
export function anAccount(...grants: readonly CreditGrant[]): CreditAccount {
  return {
    unit: { kind: 'custom', creditKey: 'credits' },
    holdings: grants.map((grant) => ({
      grant,
      balance: { ...EMPTY_BALANCE, granted: grant.amount },
    })),
    debt: decimal(0),
  }
}

import { decimal, formatDecimal } from '../../src/kit/decimal.ts'
import type { CreditUnit } from '../../src/domain/credits/grant.ts'
import type { BackOffice, Payer } from './back-office.ts'

export const CREDITS = { kind: 'custom', creditKey: 'credits' } as const
export const CREDITS_PER_PACK = 100n
export const PACK_MINOR = 1_000n

/** Puts the pack `hundred` on sale: a hundred credits for ten dollars. */
export async function sellsCredits({ domain, caller }: BackOffice): Promise<void> {
  await domain.creditPurchases.putPack(
    caller,
    {
      key: 'hundred',
      name: '100 credits',
      unit: CREDITS,
      amountPerPack: decimal(String(CREDITS_PER_PACK)),
      price: { amountMinor: PACK_MINOR, currency: 'usd' },
      priority: 100,
      validFor: null,
      appliesTo: null,
    },
    0,
  )
}

/** What a customer can spend, of all credits together. */
export async function creditsOf({ domain }: BackOffice, { id }: Payer): Promise<string> {
  const [balance] = await domain.credits.balances('test', id)
  return balance === undefined ? '0' : formatDecimal(balance.available)
}

/** A promotion for one customer. */
export function giveCredits(
  { domain, caller }: BackOffice,
  { id }: Payer,
  unit: CreditUnit,
  amount: string,
): Promise<string> {
  return domain.credits.grant(caller, id, {
    unit,
    amount: decimal(amount),
    category: 'promotional',
    priority: 100,
    expiresAt: null,
    appliesTo: null,
    note: null,
  })
}

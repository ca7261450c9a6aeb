import { stripeFactor } from '../../kit/currency.ts'
import { formatMoney, money } from '../../kit/money.ts'

/** An amount in Stripe's minor units for people: $29.00. */
export function showAmount(amount: number, currency: string): string {
  const factor = Number(stripeFactor(currency))
  return formatMoney(money(BigInt(Math.trunc(amount / factor)), currency))
}

import { type Currency, stripeFactor } from '../kit/currency.ts'
import { divideRounded } from '../kit/decimal.ts'

/** Whole units of ours as Stripe counts them: the same, but for the currencies whose missing decimals Stripe writes. */
export function toStripeAmount(amountMinor: bigint, currency: Currency): number {
  return Number(amountMinor * stripeFactor(currency))
}

/** What Stripe writes of a króna's hundredths in spite of all is rounded; nobody pays in them. */
export function fromStripeAmount(amount: number, currency: Currency): bigint {
  return divideRounded(BigInt(amount), stripeFactor(currency))
}

import { type Currency, stripeFactor } from '../kit/currency.ts'

/** Whole units of ours as Stripe counts them: the same, but for the currencies whose missing decimals Stripe writes. */
export function toStripeAmount(amountMinor: bigint, currency: Currency): number {
  return Number(amountMinor * stripeFactor(currency))
}

export function fromStripeAmount(amount: number, currency: Currency): bigint {
  return BigInt(amount) / stripeFactor(currency)
}

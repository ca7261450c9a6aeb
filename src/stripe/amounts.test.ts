import fc from 'fast-check'
import { expect, test } from 'vitest'
import { chargeIncrementMinor, CURRENCIES } from '../kit/currency.ts'
import { fromStripeAmount, toStripeAmount } from './amounts.ts'

test('every amount that can be charged, in every currency, comes back from Stripe as it went there', () => {
  fc.assert(
    fc.property(
      fc.constantFrom(...CURRENCIES),
      fc.bigInt({ min: -(10n ** 11n), max: 10n ** 11n }),
      (currency, steps) => {
        const amountMinor = steps * chargeIncrementMinor(currency)
        expect(fromStripeAmount(toStripeAmount(amountMinor, currency), currency)).toBe(amountMinor)
      },
    ),
  )
})

test('U47 yen have no cents, dinars a thousand fils, and a króna is a hundred of what Stripe counts', () => {
  expect(toStripeAmount(2900n, 'jpy')).toBe(2900)
  expect(toStripeAmount(9500n, 'kwd')).toBe(9500)
  expect(toStripeAmount(2900n, 'isk')).toBe(290_000)
  expect([290_049, 290_050, -290_050].map((amount) => fromStripeAmount(amount, 'isk'))).toEqual([
    2900n,
    2901n,
    -2901n,
  ])
})

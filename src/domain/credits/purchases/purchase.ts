import { chargeIncrementMinor, minimumChargeMinor } from '../../../kit/currency.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Decimal } from '../../../kit/decimal.ts'
import { formatMoney, type Money } from '../../../kit/money.ts'
import type { CreditPack } from '../purchase.ts'

/** Credits on sale. */
export interface SoldPack extends CreditPack {
  readonly mode: Mode
  readonly name: string
  readonly price: Money
  readonly createdAt: Instant
  readonly archivedAt: Instant | null
}

/** Credits somebody is buying, or has bought: wanted here first, granted when the payment is known. */
export interface Purchase {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly packKey: string
  readonly quantity: number
  readonly amount: Money
  readonly cause: 'customer' | 'top_up'
  readonly state: 'pending' | 'paid' | 'failed' | 'expired'
  readonly failureMessage: string | null
  readonly checkoutUrl: string | null
  readonly paymentId: string | null
  readonly grantId: string | null
  readonly createdAt: Instant
  readonly settledAt: Instant | null
}

/** What a customer has told us to buy by itself. */
export interface TopUpSetting {
  readonly isEnabled: boolean
  readonly packKey: string
  readonly quantity: number
  /** Bought when less than this is available. */
  readonly threshold: Decimal
  readonly maximumPerDay: Decimal | null
  readonly maximumPerMonth: Decimal | null
  readonly confirmedAt: Instant
}

/** Why nobody could pay a price by card; undefined when they can. */
export function unsellable({ amountMinor, currency }: Money): string | undefined {
  const increment = chargeIncrementMinor(currency)
  if (amountMinor % increment !== 0n) return `must be a multiple of ${increment} in ${currency}`
  const leastMinor = minimumChargeMinor(currency)
  if (amountMinor >= leastMinor) return undefined
  return `must be at least ${formatMoney({ amountMinor: leastMinor, currency })}, the least Stripe charges`
}

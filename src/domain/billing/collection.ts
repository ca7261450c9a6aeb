import { chargeIncrementMinor, type Currency, minimumChargeMinor } from '../../kit/currency.ts'

/** What an invoice asks for now, and what stays on the customer's balance. */
export interface Collection {
  readonly totalMinor: bigint
  /** What the customer owed before; negative is a credit. Stripe's sign. */
  readonly startingBalanceMinor: bigint
  /** Never negative, never below what can be charged. */
  readonly amountDueMinor: bigint
  readonly endingBalanceMinor: bigint
  readonly outcome: CollectionOutcome
}

export type CollectionOutcome =
  | 'charge'
  /** The total, or the balance, covers it. */
  | 'nothing_due'
  /** Too little to charge: owed with the next invoice. */
  | 'carried_forward'

/**
 * Turns a total into a charge. A negative total becomes a credit on the balance, never a negative charge; a sum below
 * Stripe's minimum is carried to the next invoice; so is what a three-decimal currency cannot charge.
 */
export function collect(
  totalMinor: bigint,
  startingBalanceMinor: bigint,
  currency: Currency,
): Collection {
  const owedMinor = totalMinor + startingBalanceMinor
  const chargeableMinor = owedMinor - (owedMinor % chargeIncrementMinor(currency))
  const isDue = chargeableMinor > 0n && chargeableMinor >= minimumChargeMinor(currency)
  const amountDueMinor = isDue ? chargeableMinor : 0n
  return {
    totalMinor,
    startingBalanceMinor,
    amountDueMinor,
    endingBalanceMinor: owedMinor - amountDueMinor,
    outcome: isDue ? 'charge' : owedMinor > 0n ? 'carried_forward' : 'nothing_due',
  }
}

import { chargeIncrementMinor, type Currency, fractionDigits } from '../../kit/currency.ts'
import type { Decimal } from '../../kit/decimal.ts'
import { roundFraction, toFraction } from '../../kit/fraction.ts'
import type { Instant } from '../../kit/instant.ts'
import { type CreditAccount, type LedgerEntry, type Movement, post } from './account.ts'
import { usableHoldings } from './burn-order.ts'
import { unreserved } from './grant.ts'

/** A line as far as credits are concerned. */
export interface CreditableLine {
  readonly key: string
  readonly featureKey: string | null
  /** What is left to pay of it. */
  readonly amountMinor: bigint
}

/** Money that was burned when the usage happened and now only has to be shown. */
export interface BurnedMoney {
  readonly featureKey: string
  readonly at: Instant
  readonly amount: Decimal
  readonly grantId: string
}

export interface CreditApplication {
  readonly lineKey: string
  /** Null is the debt of a customer who pays with credits only. */
  readonly grantId: string | null
  readonly amountMinor: bigint
}

export interface AppliedCredits {
  readonly applications: readonly CreditApplication[]
  readonly appliedMinor: bigint
  readonly account: CreditAccount
  readonly entries: readonly LedgerEntry[]
}

/**
 * Pays lines from monetary grants, grants in burn order and lines in theirs, never more than a line costs or a grant
 * has. What is smaller than the currency's smallest charge stays on the grant. Where credits are all there is, what
 * they do not cover becomes debt and the invoice never asks for it.
 */
export function applyCredits(
  lines: readonly CreditableLine[],
  account: CreditAccount,
  { currency, isCreditOnly, now }: { currency: Currency; isCreditOnly: boolean; now: Instant },
): AppliedCredits {
  const applications: CreditApplication[] = []
  const movements: Movement[] = []
  let current = account
  const apply = (lineKey: string, grantId: string | null, amountMinor: bigint) => {
    const movement: Movement = {
      grantId,
      type: 'burned',
      amount: toMajor(amountMinor, currency),
      cause: { kind: 'invoice_line', id: lineKey },
    }
    applications.push({ lineKey, grantId, amountMinor })
    movements.push(movement)
    current = post(current, [movement]).account
  }
  for (const { key, featureKey, amountMinor } of lines) {
    let leftMinor = amountMinor
    for (const { grant, balance } of usableHoldings(current.holdings, featureKey, now)) {
      const takenMinor = smaller(leftMinor, wholeCharges(unreserved(balance), currency))
      if (takenMinor <= 0n) continue
      apply(key, grant.id, takenMinor)
      leftMinor -= takenMinor
    }
    if (isCreditOnly && leftMinor > 0n) apply(key, null, leftMinor)
  }
  return {
    applications,
    appliedMinor: applications.reduce((sum, application) => sum + application.amountMinor, 0n),
    ...post(account, movements),
  }
}

/** The part of a balance that can be charged: whole minor units, tens of them in three-decimal currencies. */
function wholeCharges(balance: Decimal, currency: Currency): bigint {
  const { numerator, denominator } = toFraction(balance)
  const increment = chargeIncrementMinor(currency)
  const perMajor = 10n ** BigInt(fractionDigits(currency)) / increment
  return ((numerator * perMajor) / denominator) * increment
}

function toMajor(amountMinor: bigint, currency: Currency): Decimal {
  return (amountMinor * 10n ** BigInt(12 - fractionDigits(currency))) as Decimal
}

/** Burned money as it reduces a line: rounded once, like the line itself. */
export function burnedMinor(burned: readonly BurnedMoney[], currency: Currency): bigint {
  const total = burned.reduce((sum, { amount }) => sum + amount, 0n) as Decimal
  const increment = chargeIncrementMinor(currency)
  const perMajor = 10n ** BigInt(fractionDigits(currency)) / increment
  return roundFraction(toFraction(total), perMajor) * increment
}

function smaller(a: bigint, b: bigint): bigint {
  return a < b ? a : b
}

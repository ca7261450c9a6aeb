import type { Currency } from '../../kit/currency.ts'

/**
 * Why a line costs what it costs: stored with the line for good, so that "why was I charged this?" has an answer
 * years later, without the plan, the usage or this code. Plain JSON; decimals and instants are strings. `amount` is
 * what the line came to after a step, in major units, and the last one is the line.
 */
export interface Derivation {
  readonly schema: 1
  readonly plan: { readonly key: string; readonly version: number; readonly phase: string }
  readonly rateCard: { readonly key: string; readonly name: string }
  readonly currency: Currency
  readonly servicePeriod: IsoPeriod
  readonly steps: readonly DerivationStep[]
}

export interface IsoPeriod {
  readonly startsAt: string
  readonly endsAt: string
}

export type DerivationStep =
  | OverrideStep
  | UsageStep
  | ConversionStep
  | IncludedStep
  | CoveredStep
  | PriceStep
  | ProrationStep
  | DiscountStep
  | RoundingStep
  | CouponAmountStep
  | CommitmentStep
  | LateUsageStep
  | UnusedTimeStep
  | CreditsStep

/** What was agreed for this subscription alone, and what the plan says instead. */
export interface OverrideStep {
  readonly kind: 'override'
  readonly price: {
    readonly agreed:
      | { readonly type: 'amount'; readonly amount: string }
      | { readonly type: 'percentage'; readonly percent: string }
    /** Null where the plan has more than one amount. */
    readonly listed: string | null
  } | null
  /** Units per usage period; null is unlimited. */
  readonly included: { readonly agreed: string | null; readonly listed: string | null } | null
}

/** What was measured, and where to look it up: the meter's hours from `startsAt` to `endsAt`. */
export interface UsageStep extends IsoPeriod {
  readonly kind: 'usage'
  readonly meterKey: string
  readonly unit: string
  readonly dimensions: Readonly<Record<string, string>>
  readonly quantity: string
  readonly eventCount: string
}

export interface ConversionStep {
  readonly kind: 'conversion'
  readonly operation: 'multiply' | 'divide'
  readonly factor: string
  readonly rounding: 'none' | 'up' | 'down'
  readonly from: string
  readonly to: string
}

/** What the plan includes in a usage window; `included: null` is unlimited. */
export interface IncludedStep extends IsoPeriod {
  readonly kind: 'included'
  readonly included: string | null
  /** Of the same window, before this line begins: billed or included elsewhere. */
  readonly usedBefore: string
  readonly used: string
  readonly billable: string
}

/** Units already paid for by grants or credits. */
export interface CoveredStep {
  readonly kind: 'covered'
  readonly by: readonly {
    readonly kind: 'unit_grant' | 'custom_credits'
    readonly grantId: string
    readonly quantity: string
  }[]
  readonly billable: string
}

export type PriceStep =
  | {
      readonly kind: 'flat'
      readonly count: string
      readonly flatAmount: string
      readonly amount: string
    }
  | {
      readonly kind: 'unit'
      readonly quantity: string
      readonly unitAmount: string
      readonly amount: string
    }
  | {
      readonly kind: 'graduated' | 'volume'
      readonly quantity: string
      readonly tiers: readonly TierStep[]
      readonly amount: string
    }
  | {
      readonly kind: 'package'
      readonly quantity: string
      readonly quantityPerPackage: string
      readonly rounding: 'up' | 'down' | 'exact'
      readonly packages: string
      readonly packageAmount: string
      readonly amount: string
    }
  | PercentageStep
  | {
      readonly kind: 'dynamic'
      readonly sum: string
      readonly multiplier: string
      readonly amount: string
    }
  | {
      readonly kind: 'matrix'
      readonly dimensions: readonly string[]
      readonly cells: readonly CellStep[]
      readonly amount: string
    }

export interface TierStep {
  /** The units of the tier lie above `fromAmount`, up to and including `upToAmount`; null has no end. */
  readonly fromAmount: string
  readonly upToAmount: string | null
  readonly quantity: string
  readonly unitAmount: string
  readonly flatAmount: string | null
  readonly amount: string
}

export interface PercentageStep {
  readonly kind: 'percentage'
  readonly sum: string
  readonly rate: string
  readonly eventCount: string
  readonly fixedPerEvent: string | null
  /** How many events the bounds raised or lowered. */
  readonly raisedToMinimum: string
  readonly loweredToMaximum: string
  readonly minimumPerEvent: string | null
  readonly maximumPerEvent: string | null
  readonly amount: string
}

export interface CellStep {
  readonly values: readonly string[]
  /** The price list has no entry for these values. */
  readonly isDefault: boolean
  readonly quantity: string
  readonly unitAmount: string
  readonly amount: string
}

/** Part of a period, by seconds. */
export interface ProrationStep {
  readonly kind: 'proration'
  readonly part: IsoPeriod
  readonly whole: IsoPeriod
  readonly partSeconds: string
  readonly wholeSeconds: string
  readonly amount: string
}

export interface DiscountStep {
  readonly kind: 'discount'
  readonly name: string
  readonly discount:
    | { readonly type: 'percentage'; readonly percent: string }
    | { readonly type: 'amount'; readonly amount: string }
  readonly amount: string
}

/** The one rounding: half away from zero, to a multiple of `to`. */
export interface RoundingStep {
  readonly kind: 'rounding'
  readonly before: string
  readonly to: string
  readonly amount: string
}

/** This line's part of a coupon that takes an amount off the whole invoice. */
export interface CouponAmountStep {
  readonly kind: 'coupon_amount'
  readonly name: string
  readonly couponAmount: string
  readonly taken: string
  readonly amount: string
}

export interface CommitmentStep {
  readonly kind: 'commitment'
  readonly commitment: 'minimum' | 'maximum'
  readonly agreed: string
  /** The agreed amount for the part of the period this is about; the same for a whole one. */
  readonly agreedForPart: string
  readonly charged: string
  readonly amount: string
}

/** What the period would have cost with the usage known now, less what was charged for it. */
export interface LateUsageStep {
  readonly kind: 'late_usage'
  readonly chargedBefore: string
  readonly chargeNow: string
  readonly before: readonly DerivationStep[]
  readonly now: readonly DerivationStep[]
  readonly amount: string
}

/** The credit for what a change leaves unused of a fee paid in advance. */
export interface UnusedTimeStep {
  readonly kind: 'unused_time'
  readonly mode: 'time_based' | 'max_consumption_based' | 'full_reset'
  readonly paid: string
  readonly paidFor: IsoPeriod
  readonly unusedFrom: string
  readonly remainingSeconds: string
  readonly wholeSeconds: string
  /** The share of the quota that was used, where it counts more than the time that passed. */
  readonly usedShare: {
    readonly featureKey: string
    readonly used: string
    readonly granted: string
  } | null
  readonly amount: string
}

/** What the trail says the line came to, in major units. */
export function derivedAmount({ steps }: Derivation): string | undefined {
  const last = steps.findLast((step) => 'amount' in step)
  return last?.amount
}

/** What credits paid of a usage charge. */
export interface CreditsStep {
  readonly kind: 'credits'
  /** Units that were paid when they were used, with what of each kind of credits. */
  readonly units: readonly {
    readonly unit: string
    readonly units: string
    readonly amount: string
  }[]
  /** What those units would have cost, in major units. */
  readonly covered: string
  /** Paid with money credits. */
  readonly money: string
  /** Of a time that was invoiced before: what credits had paid of it then. */
  readonly paidBefore?: string
  readonly amount: string
}

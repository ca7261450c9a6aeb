import {
  add,
  decimal,
  type Decimal,
  maxDecimal,
  minDecimal,
  ONE,
  subtract,
  ZERO,
} from '../../kit/decimal.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { CreditTerms } from '../credits/spending/credit-terms.ts'
import type { QuotaRule } from './grants.ts'

/** One window of one quota of one subscription. */
export interface QuotaKey {
  readonly mode: Mode
  /** Whose it is; of a budget, the customer's id. */
  readonly subscriptionId: string
  /** Which quota: a feature may have several, with windows of different lengths. Or which budget. */
  readonly quotaKey: string
  readonly window: Period
  /** Not a quota of the plan, but credits that pay for its feature. */
  readonly credit?: CreditTerms
}

/**
 * A gateway spends units it has leased, without asking anybody. Leased units are debited up front, so that the sum of
 * what is spent never passes the ceiling however many gateways there are.
 */
export interface LeaseAsk extends QuotaKey {
  /** Where the quota refuses; null only counts. */
  readonly ceiling: Decimal | null
  /** Spent without a lease already; debited whatever the ceiling. */
  readonly debt: Decimal
  /** What requests are waiting for. */
  readonly need: Decimal
  /** What would save the next asks. */
  readonly want: Decimal
}

export type LeaseAnswer =
  /** Nobody has asked in this window yet: open it with what was used so far. */
  | { readonly kind: 'unopened' }
  | {
      readonly kind: 'leased'
      readonly granted: Decimal
      /** Debited in all, this lease included. */
      readonly total: Decimal
      /** Others were just told to give back what they have in stock: ask again in a moment. */
      readonly isRecalling: boolean
      /** Of credits: which kinds pay for what was granted, in the order they are used. */
      readonly parts?: readonly LeasedPart[]
    }

export interface LeasedPart {
  readonly unit: string
  readonly perUnit: string
  readonly units: Decimal
}

/** What the usage log of a producer proves to be spent. */
export interface Spending extends QuotaKey {
  readonly units: Decimal
}

/** What a counted batch of the usage log says of one quota. */
export interface Settlement extends Spending {
  /** Taken by calls that another call under their `Idempotency-Key` is billed for: free again. */
  readonly unbilled?: Decimal
}

/** Stock is at most this share of what is left, in whole units: the nearer the limit, the smaller the leases. */
const STOCK_SHARE = 8n

export interface LeaseDecision {
  readonly granted: Decimal
  readonly total: Decimal
  readonly isShort: boolean
}

/** How much of a quota of which `total` is debited an ask gets. While it is `tight` nothing is handed out in stock. */
export function decideLease(
  total: Decimal,
  isTight: boolean,
  { ceiling, debt, need, want }: Pick<LeaseAsk, 'ceiling' | 'debt' | 'need' | 'want'>,
): LeaseDecision {
  const debited = add(total, debt)
  if (ceiling === null) return { granted: ZERO, total: debited, isShort: false }
  const left = maxDecimal(subtract(ceiling, debited), ZERO)
  const share = ((left / STOCK_SHARE / ONE) * ONE) as Decimal
  const stock = isTight ? ZERO : minDecimal(want, share)
  const granted = minDecimal(left, maxDecimal(need, stock))
  return { granted, total: add(debited, granted), isShort: granted < need }
}

/** Distinguishes the quotas of a subscription: `requests:1M`, `requests:3600s`. */
export function quotaKeyOf({ featureKey, window: { length } }: QuotaRule): string {
  return `${featureKey}:${'months' in length ? `${length.months}M` : `${length.ms / 1000}s`}`
}

/** A block holds the stock of so many producers. */
const BLOCK_STOCKS = 16n
/** Two smaller blocks cost little; what is put into one is counted elsewhere, in numbers that are exact to here. */
const LARGEST_FILL = decimal(1_000_000_000)
const LARGEST_BLOCK = decimal(4_000_000_000)

/**
 * How much of a quota of which `total` is debited goes into a block that has had `filled` so far. Nothing when so little
 * is left that the authority had better hand it out itself; undefined when a new block has to begin.
 */
export function decideBlock(
  total: Decimal,
  filled: Decimal,
  { ceiling, want }: { readonly ceiling: Decimal; readonly want: Decimal },
): Decimal | undefined {
  const left = maxDecimal(subtract(ceiling, total), ZERO)
  const share = ((left / STOCK_SHARE / ONE) * ONE) as Decimal
  const units = minDecimal(minDecimal((want * BLOCK_STOCKS) as Decimal, share), LARGEST_FILL)
  if (units < want) return ZERO
  return filled + units > LARGEST_BLOCK ? undefined : units
}

/** Credits have no window: what is left of them is left. Units that cost something else are leased apart. */
export function creditKeyOf({ featureKey, rates }: Pick<CreditTerms, 'featureKey' | 'rates'>) {
  return `@credits:${featureKey}:${rates.map(({ unit, perUnit }) => `${unit}@${perUnit}`).join()}`
}

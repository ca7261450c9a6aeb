import type { Period } from '../../kit/period.ts'
import type { Derivation } from './derivation.ts'

export type LineKind =
  | 'fee'
  | 'usage'
  | 'minimum_commitment'
  | 'maximum_commitment'
  /** Usage of a period that was invoiced before it was known; negative for a correction. */
  | 'late_usage'
  /** The credit for what a change leaves unused of a fee paid in advance. */
  | 'unused_time'

/** A line as it will stand on the invoice. Its parts never change once the invoice is final. */
export interface InvoiceLine {
  /** Stable across runs: the same line of the same invoice has the same key, so that writing it twice is harmless. */
  readonly key: string
  readonly kind: LineKind
  readonly planKey: string
  readonly planVersion: number
  readonly rateCardKey: string
  readonly featureKey: string | null
  readonly description: string
  /** When what the line is for was or will be delivered. */
  readonly servicePeriod: Period
  /** Decimal strings, where the line has one price per unit. */
  readonly quantity: string | null
  readonly unitAmountDecimal: string | null
  /** Before discounts; the difference to `amountMinor` is what discounts took off. */
  readonly grossMinor: bigint
  readonly amountMinor: bigint
  /** For a part of a period. */
  readonly isProration: boolean
  /** Belongs to a period that was invoiced before. */
  readonly isLate: boolean
  readonly derivation: Derivation
}

import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

export type FindingCategory =
  /** An amount is not what our rules make it. */
  | 'amount'
  /** The difference is what rounding in other places makes of the same price. */
  | 'rounding'
  | 'missing_local'
  | 'missing_remote'
  | 'status'
  | 'currency'
  | 'mode'
  | 'orphan'
  | 'late'
  /** Somebody edited in Stripe what the product keeps there. */
  | 'drift'
  /** An event of Stripe's that could not be applied. */
  | 'webhook'
  /** Usage that Stripe refused. */
  | 'meter'
  /** Deleted in Stripe while it is still ours. */
  | 'deleted'
  | 'fraud'
  | 'configuration'

export type FindingState = 'open' | 'explained' | 'repaired' | 'dismissed'

/** A difference between our numbers and Stripe's. */
export interface Finding {
  readonly mode: Mode
  readonly id: string
  readonly category: FindingCategory
  readonly state: FindingState
  readonly subjectKind: string
  readonly subjectId: string
  readonly customerId: string | null
  /** One sentence for the operator who decides what to do about it. */
  readonly summary: string
  /** Plain JSON; amounts as decimal strings. */
  readonly ours: unknown
  readonly theirs: unknown
  readonly dedupeKey: string
  readonly note: string | null
  readonly foundAt: Instant
  readonly seenAt: Instant
  readonly settledAt: Instant | null
}

export type FindingInput = Omit<
  Finding,
  'id' | 'state' | 'note' | 'foundAt' | 'seenAt' | 'settledAt'
> & {
  /** Anything but `open` needs nobody's attention and is kept as a trace. */
  readonly state?: FindingState
}

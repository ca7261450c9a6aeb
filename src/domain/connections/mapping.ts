import type { Mode } from '../../kit/mode.ts'

export type EntityKind =
  | 'coupon'
  | 'customer'
  | 'meter'
  | 'plan'
  | 'rate_card'
  | 'subscription'
  | 'test_clock'

/** Stripe ids mean something only within a mode and an account; both are part of every look-up. */
export interface MappingScope {
  readonly mode: Mode
  readonly account: string
}

export interface Mapping {
  readonly entityKind: EntityKind
  readonly entityId: string
  readonly externalId: string
  readonly metadata: Readonly<Record<string, string>>
  /** Stripe no longer knows the object; kept until somebody decides to make it anew. */
  readonly isStale: boolean
}

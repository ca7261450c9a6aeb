import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Decimal } from '../../kit/decimal.ts'
import type { Period } from '../../kit/period.ts'
import type { ClockReading } from '../accounts/clock-reading.ts'
import type { BudgetRule } from '../budgets/budget.ts'
import type { RateLimit } from '../catalog/plan.ts'
import type { AccessStep } from './access.ts'
import type { AccessChange } from './access-changes.ts'
import type { Grants, WindowRule } from './grants.ts'

/**
 * Everything a gateway needs to decide requests with one API key, for as long as nothing changes: what happens by the
 * passing of time alone (a key expires, a subscription ends, grace runs out, a window turns) is in it already.
 */
export interface AccessRecord {
  readonly mode: Mode
  readonly keyId: string
  readonly customerId: string
  /** Null when the customer has no subscription; the timeline then refuses. */
  readonly subscriptionId: string | null
  readonly planKey: string | null
  /** Addresses or CIDR ranges the key may be used from; empty allows all. */
  readonly allowedIps: readonly string[]
  readonly scopes: readonly string[]
  /** Lifecycle, payment and quota windows live in this time; rate limits always in real time. */
  readonly clock: ClockReading
  /** When the subscription starts, by the clock of whoever started it; see `startedNow`. */
  readonly startsAt: Instant | null
  readonly timeline: readonly AccessStep[]
  readonly grants: Grants | null
  /** What the customer allows itself and this key. */
  readonly budgets: readonly BudgetRule[]
  readonly rateLimits: readonly RateLimit[]
  /** How billing periods follow each other, for the buckets usage is counted in. */
  readonly billingPeriods: WindowRule | null
  /** Since when the plan is in force; a bucket never holds usage of two plans. */
  readonly planStartsAt: Instant | null
  /** Who calls, for the upstream: `X-Customer-Id`, `X-User-Plan`, `X-Entitlement-…`. Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  /** The status a quota refusal is answered with. */
  readonly quotaExceededStatus: number
}

/** Whose usage counts against a limit: of one meter for a quota, of all that have a worth for a budget. */
export type UsageSource =
  | { readonly kind: 'quota'; readonly subscriptionId: string; readonly meterKey: string }
  | ({ readonly kind: 'budget' } & Pick<BudgetRule, 'customerId' | 'apiKeyId' | 'worth'>)

/** Where a gateway gets its records from. Asked on the first sight of a key only; everything after that is news. */
export interface AccessSource {
  /** `hash` is the SHA-256 of the key, in hex. Undefined: there is no such key. */
  find(hash: string): Promise<AccessRecord | undefined>
  /** What was used in a window, as far as it is in the database. */
  used(mode: Mode, of: UsageSource, window: Period): Promise<Decimal>
  /** Records this touches must be forgotten and found again. */
  subscribe(listener: (change: AccessChange) => void): () => void
}

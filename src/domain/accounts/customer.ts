import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** The paying account: a company or a person. People act for it as members, programs through API keys. */
export interface Customer {
  readonly mode: Mode
  readonly id: string
  /** A slug the operator may choose, unique in its mode. */
  readonly key: string
  readonly name: string
  readonly email: string | null
  /** Fixed by the first invoice. */
  readonly currency: string | null
  /** Only calendar-aligned boundaries look at it. */
  readonly timeZone: string
  readonly billingMode: 'free' | 'postpaid' | 'prepaid'
  readonly maxPaymentOverdueDays: string | null
  readonly testClockId: string | null
  readonly metadata: Readonly<Record<string, string>>
  readonly suspensions: readonly Suspension[]
  readonly version: number
  readonly createdAt: Instant
  readonly closedAt: Instant | null
}

export type SuspensionReason =
  | 'payment'
  | 'payment_method_removed'
  | 'subscription_deleted'
  | 'abuse'
  | 'operator'
  | 'owner_suspended'
  | 'dispute'

/** Reasons stack; whoever lifts one leaves the others in place. */
export interface Suspension {
  readonly reason: SuspensionReason
  readonly note: string | null
  readonly suspendedAt: Instant
}

export type MemberRole = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

export interface Member {
  readonly customerId: string
  readonly userId: string
  readonly name: string
  readonly email: string
  readonly role: MemberRole
  readonly createdAt: Instant
}

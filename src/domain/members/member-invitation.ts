import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { MemberRole } from '../accounts/customer.ts'

/** A person was asked to act for an account. */
export interface MemberInvitation {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  /** In lower case. */
  readonly email: string
  readonly role: MemberRole
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly acceptedAt: Instant | null
  readonly revokedAt: Instant | null
}

export const VALID_DAYS = 14

/** Waiting at once, for one account: nobody makes us write to the whole world. */
export const MAX_OPEN = 25

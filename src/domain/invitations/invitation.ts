import { randomToken, sha256Hex } from '../../kit/crypto.ts'
import { DAY_MS, type Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** The right to choose a private plan, offered to an address or to a customer. */
export interface Invitation {
  readonly mode: Mode
  readonly id: string
  readonly planKey: string
  readonly guest: Guest
  readonly createdAt: Instant
  readonly expiresAt: Instant
  readonly acceptedAt: Instant | null
  /** The customer whose it is since then. */
  readonly acceptedBy: string | null
  readonly revokedAt: Instant | null
}

export type Guest =
  /** In lower case. */
  | { readonly kind: 'address'; readonly email: string }
  | { readonly kind: 'customer'; readonly customerId: string }

export type InvitationState = 'open' | 'accepted' | 'expired' | 'revoked'

const TOKEN_LENGTH = 43

export function newToken(): string {
  return randomToken(TOKEN_LENGTH)
}

/** So many random bits that a plain hash is safe to keep. */
export function hashToken(token: string): string {
  return sha256Hex(token)
}

export function expiry(now: Instant, days: number): Instant {
  return now + days * DAY_MS
}

/** What every link that works once has, whatever it opens. */
export type Validity = Pick<Invitation, 'acceptedAt' | 'expiresAt' | 'revokedAt'>

export function stateOf(invitation: Validity, now: Instant): InvitationState {
  if (invitation.revokedAt !== null) return 'revoked'
  if (invitation.acceptedAt !== null) return 'accepted'
  return now < invitation.expiresAt ? 'open' : 'expired'
}

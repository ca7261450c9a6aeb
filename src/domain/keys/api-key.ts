import { randomToken, sha256Hex } from '../../kit/crypto.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** The credential of a customer's program. Only its hash is kept; the key itself is shown once. */
export interface ApiKey {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  /** Null: the key works for whatever subscription the customer has. */
  readonly subscriptionId: string | null
  readonly name: string
  /** Enough of the key to recognize it by: `fb_test_3kTq…9fQx`. */
  readonly start: string
  readonly lastFour: string
  readonly scopes: readonly string[]
  /** Addresses or CIDR ranges; empty allows all. */
  readonly allowedIps: readonly string[]
  readonly state: 'active' | 'disabled' | 'revoked'
  /** The key that replaces this one; both work until `expiresAt`. */
  readonly rotatedToId: string | null
  readonly expiresAt: Instant | null
  readonly lastUsedAt: Instant | null
  readonly createdAt: Instant
  readonly revokedAt: Instant | null
}

const SECRET_LENGTH = 32
const START_LENGTH = 12
const PATTERN = /^fb_(test|live)_[0-9A-Za-z]{32}$/

export interface NewSecret {
  readonly secret: string
  readonly hash: string
  readonly start: string
  readonly lastFour: string
}

/** A fresh key with 190 random bits; so many that a plain SHA-256 is safe to store and fast to look up. */
export function newSecret(mode: Mode): NewSecret {
  const secret = `fb_${mode}_${randomToken(SECRET_LENGTH)}`
  return {
    secret,
    hash: hashSecret(secret),
    start: secret.slice(0, START_LENGTH),
    lastFour: secret.slice(-4),
  }
}

export function hashSecret(secret: string): string {
  return sha256Hex(secret)
}

/** The mode a key says it is for; `undefined` for text that cannot be one of our keys. */
export function modeOfSecret(secret: string): Mode | undefined {
  return PATTERN.exec(secret)?.[1] as Mode | undefined
}

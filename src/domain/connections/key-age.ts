import { createHash } from 'node:crypto'
import { DAY_MS, formatInstant, type Instant, parseInstant } from '../../kit/instant.ts'

/** Stripe advises to roll keys; one that is older has been in too many places. */
export const MAX_KEY_AGE_DAYS = 90

export interface SeenKey {
  readonly fingerprint: string
  readonly since: Instant
}

/** Tells keys apart without keeping any of one. */
export function fingerprintOf(secretKey: string): string {
  return createHash('sha256').update(`stripe key ${secretKey}`).digest('hex').slice(0, 16)
}

export function readSeenKey(text: string | null): SeenKey | undefined {
  const [fingerprint = '', at = ''] = (text ?? '').split(' ')
  const since = parseInstant(at)
  return since === undefined ? undefined : { fingerprint, since }
}

export function writeSeenKey({ fingerprint, since }: SeenKey): string {
  return `${fingerprint} ${formatInstant(since)}`
}

export function keyAgeDays(since: Instant, now: Instant): number {
  return Math.max(0, Math.floor((now - since) / DAY_MS))
}

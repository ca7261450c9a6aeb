import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** One mail to one person, wanted in the transaction of what it tells, sent afterwards. */
export interface Notification {
  readonly mode: Mode
  readonly id: string
  readonly template: string
  readonly customerId: string | null
  readonly recipient: string
  readonly dedupeKey: string
  readonly state: 'pending' | 'sent' | 'failed'
  readonly error: string | null
  readonly createdAt: Instant
  readonly sentAt: Instant | null
}

/** A day as people write it, where the customer is: `1 December 2026`. */
export function dayOf(at: Instant, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', { dateStyle: 'long', timeZone }).format(at)
}

export function methodName(
  method: { readonly brand: string | null; readonly lastFour: string | null } | null,
): string | null {
  if (method === null || method.lastFour === null) return null
  const brand = method.brand ?? 'card'
  return `${brand.slice(0, 1).toUpperCase()}${brand.slice(1)} ending in ${method.lastFour}`
}

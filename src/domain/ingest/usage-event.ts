import { DAY_MS, type Instant, MINUTE_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'

/** A fact somebody reports, after CloudEvents 1.0. `source` and `id` together name it. */
export interface UsageEvent {
  readonly source: string
  readonly id: string
  readonly type: string
  readonly time: Instant | null
  /** The customer, by our id or by the key it was created with. */
  readonly subject: string | null
  /** Instead of or beside the subject. */
  readonly subscriptionId: string | null
  readonly data: Readonly<Record<string, unknown>>
}

export type EventState = 'counted' | 'unmatched' | 'voided' | 'replaced'

/** An event as it was stored. */
export interface StoredEvent {
  readonly mode: Mode
  readonly source: string
  readonly id: string
  readonly type: string
  readonly at: Instant
  readonly receivedAt: Instant
  readonly customerId: string
  readonly subscriptionId: string | null
  readonly data: unknown
  readonly state: EventState
}

export interface RejectedEvent {
  readonly id: string
  readonly reason: string
  readonly payload: unknown
  readonly receivedAt: Instant
}

export type EventResult =
  | { readonly state: 'counted' | 'unmatched' | 'duplicate' }
  | { readonly state: 'rejected'; readonly code: RejectionCode; readonly message: string }

export type RejectionCode =
  | 'event_invalid'
  | 'customer_unknown'
  | 'no_subscription_then'
  | 'event_too_old'
  | 'event_in_future'
  | 'value_missing'
  | 'value_out_of_range'

/** Longer ago nothing is taken but a backfill. Stripe's meters take nothing older either. */
export const MAX_AGE_MS = 35 * DAY_MS
/** Clocks of others may run ahead by so much. */
export const MAX_AHEAD_MS = 5 * MINUTE_MS

export function rejected(code: RejectionCode, message: string): EventResult {
  return { state: 'rejected', code, message }
}

/** Whether the time of an event can be taken at all. */
export function refuseTime(
  at: Instant,
  now: Instant,
  isBackfill: boolean,
): EventResult | undefined {
  if (at > now + MAX_AHEAD_MS) {
    return rejected('event_in_future', 'time is more than 5 minutes ahead')
  }
  if (at < now - MAX_AGE_MS && !isBackfill) {
    return rejected('event_too_old', 'time is more than 35 days ago; send it with backfill=true')
  }
  return undefined
}

const UUID_V7 = /^([0-9a-f]{8})-([0-9a-f]{4})-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/i
const ULID = /^[0-7][0-9A-HJKMNP-TV-Z]{25}$/i
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ'

/**
 * The time in an id that carries one. An event that is sent again without a time would otherwise happen twice, in two
 * months, when it is sent again in the next.
 */
export function timeInId(id: string): Instant | undefined {
  const uuid = UUID_V7.exec(id)
  if (uuid !== null) return Number.parseInt(`${uuid[1]}${uuid[2]}`, 16)
  if (!ULID.test(id)) return undefined
  let time = 0
  for (let i = 0; i < 10; i++) time = time * 32 + CROCKFORD.indexOf(id.charAt(i).toUpperCase())
  return time
}

import type { Instant } from '../../kit/instant.ts'
import { HOUR_MS, MINUTE_MS, SECOND_MS, DAY_MS } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { EventBody } from './route.ts'

/**
 * One of Stripe's events on its way through the inbox:
 * `received → processed | ignored | parked | failed`, parked and failed are tried again, and end as `dead`.
 */
export interface InboxEvent {
  readonly mode: Mode
  readonly id: string
  readonly type: string
  readonly objectKind: string
  readonly objectId: string | null
  readonly stripeCustomerId: string | null
  readonly apiVersion: string | null
  readonly occurredAt: Instant
  readonly receivedAt: Instant
  readonly source: 'webhook' | 'poll' | 'replay'
  readonly state: InboxState
  readonly attempts: number
  readonly nextAt: Instant
  readonly error: string | null
  readonly settledAt: Instant | null
}

/** An event somebody works on, with its content. */
export interface LeasedEvent extends InboxEvent {
  readonly body: EventBody | null
}

/** Events of one state that wait, and since when the oldest does. */
export interface Backlog {
  readonly state: InboxState
  readonly count: number
  readonly oldestAt: Instant
}

export type InboxState = 'received' | 'processed' | 'ignored' | 'parked' | 'failed' | 'dead'

const RETRY_DELAYS_MS = [
  2 * SECOND_MS,
  10 * SECOND_MS,
  MINUTE_MS,
  5 * MINUTE_MS,
  30 * MINUTE_MS,
  2 * HOUR_MS,
  6 * HOUR_MS,
]
const GIVE_UP_AFTER_MS = 3 * DAY_MS

/** When an event that could not be applied is tried again; undefined when it is given up. */
export function nextAttemptAt(
  event: Pick<InboxEvent, 'attempts' | 'receivedAt'>,
  now: Instant,
): Instant | undefined {
  if (now - event.receivedAt >= GIVE_UP_AFTER_MS) return undefined
  const delay = RETRY_DELAYS_MS[Math.min(event.attempts, RETRY_DELAYS_MS.length) - 1]
  return now + (delay ?? SECOND_MS)
}

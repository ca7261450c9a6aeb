import { assertNever } from '../../kit/assert.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { parseDuration } from '../../kit/period.ts'
import {
  DEFAULT_DUNNING,
  type DunningMessage,
  type DunningPolicy,
  type FinalAction,
} from './decide-dunning.ts'

/** One unpaid invoice, what was said about it and what is under way. Its attempts are those of its payments. */
export interface StoredCase {
  readonly mode: Mode
  readonly id: string
  readonly customerId: string
  readonly subscriptionId: string | null
  readonly invoiceId: string
  readonly state: 'open' | 'recovered' | 'exhausted' | 'canceled'
  /** Of an invoice that was sent nothing is retried: it waits. */
  readonly retries: DunningPolicy['retries'] | 'none'
  readonly openedAt: Instant
  readonly newPaymentMethodAt: Instant | null
  readonly newPaymentMethodId: string | null
  readonly sent: readonly DunningMessage[]
  /** The number of the retry that was asked for and has not been seen yet. */
  readonly actingAttempt: number | null
  readonly nextAt: Instant | null
  readonly closedAt: Instant | null
}

/** `P1D,P3D,P5D,P7D`; undefined when it cannot be read. */
export function parseRetries(text: string): readonly string[] | undefined {
  const parts = text.split(',').map((part) => part.trim())
  return parts.every((part) => parseDuration(part) !== undefined) ? parts : undefined
}

export function policyFrom(
  retries: DunningPolicy['retries'],
  retryAfter: string | null,
  finalAction: string | null,
): DunningPolicy {
  return {
    retries,
    retryAfter: parseRetries(retryAfter ?? '') ?? DEFAULT_DUNNING.retryAfter,
    finalAction: (finalAction as FinalAction | null) ?? DEFAULT_DUNNING.finalAction,
  }
}

type Reminder = Extract<DunningMessage, `reminder:${string}`>

export function isReminder(message: DunningMessage): message is Reminder {
  return message.startsWith('reminder:')
}

/** The mail that says it. */
export function templateOf(message: Exclude<DunningMessage, Reminder>) {
  switch (message) {
    case 'payment_failed':
      return 'payment_failed'
    case 'blocking_soon':
      return 'access_blocking_soon'
    case 'blocked':
      return 'access_blocked'
    case 'final':
      return 'payment_given_up'
    case 'recovered':
      return 'payment_recovered'
    default:
      return assertNever(message)
  }
}

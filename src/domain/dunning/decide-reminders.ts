import { DAY_MS, type Instant } from '../../kit/instant.ts'
import { assertNever } from '../../kit/assert.ts'
import {
  blockMessages,
  blockMoments,
  type DunningCase,
  type DunningStep,
  due,
  firstAfter,
  settled,
} from './decide-dunning.ts'

/** An invoice that was sent and waits for its payment: nobody's card is tried, all that happens is that time passes. */
export interface WaitingInvoice extends Pick<
  DunningCase,
  'id' | 'openedAt' | 'invoiceState' | 'blocksAt' | 'sent'
> {
  readonly dueAt: Instant
}

/** When to remind, counted from the due date: `-P3D` is three days ahead of it. */
export interface ReminderPolicy {
  readonly remindAt: readonly string[]
}

export const DEFAULT_REMINDERS: ReminderPolicy = { remindAt: ['-P3D', 'P0D', 'P7D'] }

const OFFSET = /^(?<sign>-?)P(?<days>\d{1,3})D$/

/** `-P3D,P0D,P7D`, or `none`; undefined when it cannot be read. */
export function parseReminders(text: string): readonly string[] | undefined {
  if (text === 'none') return []
  const parts = text.split(',').map((part) => part.trim())
  return parts.every((part) => OFFSET.test(part)) ? parts : undefined
}

/**
 * What to say about a sent invoice at this moment. Of several reminders whose time has passed only the last is worth
 * reading. Nothing is written off by a clock: a transfer is late for reasons that a person should hear.
 */
export function decideReminders(
  waiting: WaitingInvoice,
  policy: ReminderPolicy,
  now: Instant,
): DunningStep {
  switch (waiting.invoiceState) {
    case 'paid':
      return settled(waiting, 'recovered', waiting.sent.includes('blocked') ? ['recovered'] : [])
    case 'void':
      return settled(waiting, 'canceled', [])
    case 'uncollectible':
      return settled(waiting, 'exhausted', ['final'])
    case 'open':
      return remind(waiting, policy, now)
    default:
      return assertNever(waiting.invoiceState)
  }
}

function remind(waiting: WaitingInvoice, { remindAt }: ReminderPolicy, now: Instant): DunningStep {
  const reminders = remindAt
    .map((offset) => ({ offset, at: waiting.dueAt + offsetMs(offset) }))
    // The invoice itself has said what a reminder before it would.
    .filter(({ at }) => at > waiting.openedAt)
    .toSorted((a, b) => a.at - b.at)
  const last = reminders.findLast(({ at }) => at <= now)
  return {
    state: 'open',
    action: { kind: 'none' },
    messages: due(waiting, [
      ...(last === undefined ? [] : [`reminder:${last.offset}` as const]),
      ...blockMessages(waiting, now),
    ]),
    needsNewPaymentMethod: false,
    nextAt: firstAfter([...reminders.map(({ at }) => at), ...blockMoments(waiting)], now),
  }
}

function offsetMs(offset: string): number {
  const { sign, days } = OFFSET.exec(offset)?.groups ?? {}
  return Number(days) * DAY_MS * (sign === '-' ? -1 : 1)
}

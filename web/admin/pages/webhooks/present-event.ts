import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'

export type InboxEvent = ResponseOf<'get', '/api/v1/webhook-events'>['data'][number]
export type EventState = InboxEvent['state']

interface StateWords {
  readonly word: string
  readonly tone: Tone
  /** What it means and what happens next, for whoever meets the word the first time. */
  readonly meaning: string
}

const STATES: Record<EventState, StateWords> = {
  received: { word: 'received', tone: 'info', meaning: 'Stored and about to be applied.' },
  processed: { word: 'processed', tone: 'success', meaning: 'Applied; nothing is left to do.' },
  ignored: {
    word: 'ignored',
    tone: 'neutral',
    meaning: 'It concerns nothing we keep, so there was nothing to apply.',
  },
  parked: {
    word: 'parked',
    tone: 'warning',
    meaning: 'It refers to something that is not here yet; tried again when that arrives.',
  },
  failed: {
    word: 'failed',
    tone: 'danger',
    meaning: 'Applying it went wrong; it is tried again by itself, with growing pauses.',
  },
  dead: {
    word: 'given up',
    tone: 'danger',
    meaning: 'It failed too often. Find the reason, then replay it.',
  },
}

export function stateOf(state: EventState): StateWords {
  return STATES[state]
}

/** The states in which an event still waits for something, in the order of their urgency. */
const WAITING: readonly EventState[] = ['dead', 'failed', 'parked', 'received']

interface Waiting {
  readonly state: EventState
  readonly word: string
  readonly tone: Tone
  readonly count: number
}

/** What waits in the inbox, the most urgent first; empty when everything is applied. */
export function waitingIn(
  backlog: readonly { readonly state: string; readonly count: number }[],
): Waiting[] {
  return WAITING.flatMap((state) => {
    const count = backlog.find((entry) => entry.state === state)?.count ?? 0
    const { word, tone } = STATES[state]
    return count === 0 ? [] : [{ state, word, tone, count }]
  })
}

const SOURCES: Record<InboxEvent['source'], string> = {
  webhook: 'Delivered by Stripe',
  poll: 'Fetched from Stripe’s event list',
  replay: 'Replayed by an operator',
}

export function sourceOf({ source }: Pick<InboxEvent, 'source'>): string {
  return SOURCES[source]
}

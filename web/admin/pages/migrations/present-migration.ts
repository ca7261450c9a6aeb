import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'
import { type Amount, countOf, formatAmount } from '../../../ui/format.ts'

export type Migration = ResponseOf<'get', '/api/v1/migrations'>['data'][number]
export type Member = ResponseOf<'get', '/api/v1/migrations/{migrationId}/members'>['data'][number]
export type Preview = ResponseOf<'post', '/api/v1/plans/{planKey}/migrations/preview'>
export type MemberPreview = Preview['members'][number]

const STATES: Record<Migration['state'], Word> = {
  running: { word: 'running', tone: 'info' },
  finished: { word: 'finished', tone: 'success' },
  canceled: { word: 'canceled', tone: 'neutral' },
}

const MEMBER_STATES: Record<Member['state'], Word> = {
  waiting: { word: 'waiting', tone: 'info' },
  scheduled: { word: 'scheduled', tone: 'accent' },
  moved: { word: 'moved', tone: 'success' },
  excluded: { word: 'left out', tone: 'neutral' },
  skipped: { word: 'not possible', tone: 'warning' },
  canceled: { word: 'canceled', tone: 'neutral' },
}

export function migrationStateOf({ state }: Pick<Migration, 'state'>): Word {
  return STATES[state]
}

export function memberStateOf({ state }: Pick<Member, 'state'>): Word {
  return MEMBER_STATES[state]
}

export function isStillToMove({ state }: Pick<Member, 'state'>): boolean {
  return state === 'waiting' || state === 'scheduled'
}

/** How many it is about, whatever became of them. */
function memberCount({ counts }: Pick<Migration, 'counts'>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0)
}

/** `8 of 12 moved, 3 to come, 1 left out`. */
export function progressWords({ counts }: Pick<Migration, 'counts'>): string {
  const { waiting, scheduled, moved, excluded, skipped, canceled } = counts
  const parts = [
    [waiting + scheduled, 'to come'],
    [excluded, 'left out'],
    [skipped, 'not possible'],
    [canceled, 'canceled'],
  ] as const
  const rest = parts.flatMap(([count, what]) => (count === 0 ? [] : [`${count} ${what}`]))
  return [`${moved} of ${memberCount({ counts })} moved`, ...rest].join(', ')
}

export function timingWords({ timing, noticeDays }: Pick<Migration, 'timing' | 'noticeDays'>) {
  const when = timing === 'immediate' ? 'At once' : 'At the renewal'
  return noticeDays === 0
    ? `${when}, told when it happens`
    : `${when} after ${countOf(noticeDays, 'day')} of notice`
}

/** Codes of refusals are words already: `payment_overdue`. */
export function refusalWords(refusal: string): string {
  return refusal.replaceAll('_', ' ')
}

interface Outcome {
  readonly moving: number
  readonly left: number
  readonly refused: number
  /** One sentence for each currency: what all of them pay in a month, before and after. */
  readonly monthly: readonly string[]
  readonly dueNow: readonly string[]
}

/** What the dry run comes to, without those the operator leaves out. */
export function outcomeOf(
  members: readonly MemberPreview[],
  leftOut: ReadonlySet<string>,
): Outcome {
  const left = members.filter(({ customerId }) => leftOut.has(customerId))
  const others = members.filter(({ customerId }) => !leftOut.has(customerId))
  const moving = others.filter(({ refusal }) => refusal === null)
  const currencies = [...new Set(moving.map(({ monthlyAfter }) => monthlyAfter.currency))]
  const total = (currency: string, amountOf: (member: MemberPreview) => Amount): Amount => ({
    currency,
    amountMinor: moving
      .map(amountOf)
      .filter((amount) => amount.currency === currency)
      .reduce((sum, { amountMinor }) => sum + amountMinor, 0),
  })
  return {
    moving: moving.length,
    left: left.length,
    refused: others.length - moving.length,
    monthly: currencies.map((currency) => {
      const before = total(currency, ({ monthlyBefore }) => monthlyBefore)
      const after = total(currency, ({ monthlyAfter }) => monthlyAfter)
      return `${formatAmount(before)} → ${formatAmount(after)}`
    }),
    dueNow: currencies
      .map((currency) => total(currency, ({ dueNow }) => dueNow))
      .filter(({ amountMinor }) => amountMinor !== 0)
      .map((amount) => formatAmount(amount)),
  }
}

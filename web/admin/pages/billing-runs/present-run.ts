import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'
import { type Amount, countOf, formatAmount } from '../../../ui/format.ts'

export type BillingRun = ResponseOf<'get', '/api/v1/billing/runs'>['data'][number]
type Rehearsal = ResponseOf<'get', '/api/v1/billing/rehearsal'>

export function runStateOf({ state, failed }: Pick<BillingRun, 'state' | 'failed'>): {
  readonly word: string
  readonly tone: Tone
} {
  if (state === 'running') return { word: 'running', tone: 'info' }
  return failed === 0
    ? { word: 'finished', tone: 'success' }
    : { word: 'with failures', tone: 'warning' }
}

/** `3 of 12 periods`. */
export function progressWords({ total, closed }: Pick<BillingRun, 'total' | 'closed'>): string {
  return total === 0 ? 'Nothing was due' : `${closed} of ${countOf(total, 'subscription')}`
}

/** What the run would invoice in all: one sum for each currency. */
export function rehearsedTotals({ data }: Pick<Rehearsal, 'data'>): string[] {
  const sums = new Map<string, Amount>()
  for (const { total } of data) {
    const amountMinor = (sums.get(total.currency)?.amountMinor ?? 0) + total.amountMinor
    sums.set(total.currency, { currency: total.currency, amountMinor })
  }
  return [...sums.values()].map(formatAmount)
}

import { countOf } from '../../../ui/format.ts'
import { actionWords } from '../audit/present-entry.ts'

/** What many entries of the audit log come to, for whoever let a month pass at once. */
export interface Happening {
  readonly action: string
  readonly words: string
  readonly count: number
}

/** Plurals that are worth their own words; the rest is counted behind its sentence. */
const COUNTED: Readonly<Record<string, (count: number) => string>> = {
  'invoice.draft': (count) => `${countOf(count, 'invoice')} drafted`,
  'invoice.open': (count) => `${countOf(count, 'invoice')} issued`,
  'invoice.paid': (count) => `${countOf(count, 'invoice')} paid`,
  'invoice.uncollectible': (count) => `${countOf(count, 'invoice')} given up`,
  'subscription.renewed': (count) => `${countOf(count, 'subscription')} renewed`,
  'subscription.ended': (count) => `${countOf(count, 'subscription')} ended`,
  'subscription.created': (count) => `${countOf(count, 'subscription')} begun`,
  'payment.failed': (count) => `${countOf(count, 'payment')} failed`,
  'customer.suspended': (count) => `${countOf(count, 'customer')} suspended`,
  'customer.reinstated': (count) => `${countOf(count, 'customer')} reinstated`,
}

/** The most frequent first. */
export function summarizeEntries(entries: readonly { readonly action: string }[]): Happening[] {
  return [...Map.groupBy(entries, ({ action }) => action)]
    .map(([action, { length: count }]) => ({ action, count, words: wordsFor(action, count) }))
    .toSorted((a, b) => b.count - a.count || a.words.localeCompare(b.words))
}

function wordsFor(action: string, count: number): string {
  const counted = COUNTED[action]
  if (counted !== undefined) return counted(count)
  return count === 1 ? actionWords(action) : `${actionWords(action)}, ${countOf(count, 'time')}`
}

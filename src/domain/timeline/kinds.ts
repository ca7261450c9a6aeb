import type { AuditSlice } from '../audit/entry.ts'
import type { Source } from './happening.ts'

/** What one may want to see alone. They overlap: a suspension by an operator is access, and an operator's doing. */
export type TimelineKind =
  | 'subscription'
  | 'invoice'
  | 'payment'
  | 'refund'
  | 'dispute'
  | 'credit'
  | 'access'
  | 'key'
  | 'mail'
  | 'webhook'
  | 'operator'

interface Selection {
  readonly sources: readonly Source[]
  /** Of the audit log. */
  readonly slice: AuditSlice
}

const ALL: Selection = { sources: ['mail', 'audit', 'attempt', 'event'], slice: {} }

const audited = (...nouns: readonly string[]): Selection => ({
  sources: ['audit'],
  slice: { nouns },
})

const SELECTIONS: Readonly<Record<TimelineKind, Selection>> = {
  subscription: audited('subscription', 'checkout', 'trial', 'migration', 'invitation'),
  invoice: audited('invoice', 'credit_note'),
  payment: {
    sources: ['audit', 'attempt'],
    slice: { nouns: ['payment_method', 'dunning'], actions: ['invoice.marked_paid'] },
  },
  refund: audited('refund', 'credit_note'),
  dispute: audited('dispute'),
  credit: audited('credits', 'credit_note'),
  access: {
    sources: ['audit'],
    slice: {
      nouns: [],
      actions: [
        'customer.suspended',
        'customer.reinstated',
        'dunning.access_ended',
        'dunning.recovered',
        'dunning.exhausted',
        'subscription.access_overridden',
        'subscription.created',
        'subscription.activated',
        'subscription.changed',
        'subscription.migrated',
        'subscription.paused',
        'subscription.resumed',
        'subscription.ended',
        'trial.ended_early',
      ],
    },
  },
  key: audited('key'),
  mail: { sources: ['mail'], slice: {} },
  webhook: { sources: ['event'], slice: {} },
  operator: { sources: ['audit'], slice: { actorKind: 'operator' } },
}

export function selectionOf(kind: TimelineKind | undefined): Selection {
  return kind === undefined ? ALL : SELECTIONS[kind]
}

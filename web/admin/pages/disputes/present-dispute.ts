import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Word } from '../../../ui/badge.tsx'

export type Dispute = ResponseOf<'get', '/api/v1/disputes/{disputeId}'>
export type Evidence = Dispute['evidence']

const STATES: Record<Dispute['state'], Word> = {
  warning_needs_response: { word: 'inquiry to answer', tone: 'warning' },
  warning_under_review: { word: 'inquiry answered', tone: 'info' },
  warning_closed: { word: 'inquiry closed', tone: 'neutral' },
  needs_response: { word: 'to be answered', tone: 'danger' },
  under_review: { word: 'the bank decides', tone: 'info' },
  won: { word: 'won', tone: 'success' },
  lost: { word: 'lost', tone: 'neutral' },
  prevented: { word: 'prevented', tone: 'success' },
}

export function disputeStateOf({ state }: Pick<Dispute, 'state'>): Word {
  return STATES[state]
}

/** The bank waits for an answer, and has none. */
export function isAnswerable({ state, submittedAt }: Pick<Dispute, 'state' | 'submittedAt'>) {
  return (state === 'needs_response' || state === 'warning_needs_response') && submittedAt === null
}

/** Why nothing can be said any more; undefined while it can. */
export function refusalToAnswer(
  dispute: Pick<Dispute, 'state' | 'submittedAt'>,
): string | undefined {
  if (isAnswerable(dispute)) return undefined
  return dispute.submittedAt === null ? 'It is decided.' : 'The evidence was handed in.'
}

/** `product_not_received` in the words of the bank's form. */
export function reasonOf({ reason }: Pick<Dispute, 'reason'>): string {
  const words = reason.replaceAll('_', ' ')
  return words.charAt(0).toUpperCase() + words.slice(1)
}

interface EvidenceField {
  readonly key: keyof Evidence
  readonly label: string
  readonly hint: string
  readonly isLong: boolean
}

/** What banks read, the strongest first. */
export const EVIDENCE_FIELDS: readonly EvidenceField[] = [
  {
    key: 'access_activity_log',
    label: 'Access log',
    hint: 'That the service was used: when, with which key, from where.',
    isLong: true,
  },
  {
    key: 'product_description',
    label: 'What was sold',
    hint: 'The plan, its price and what it includes.',
    isLong: true,
  },
  {
    key: 'service_date',
    label: 'When it was provided',
    hint: 'The day or the period.',
    isLong: false,
  },
  { key: 'customer_name', label: 'Customer', hint: 'As they signed up.', isLong: false },
  {
    key: 'customer_email_address',
    label: 'Their email',
    hint: 'The address they signed in with.',
    isLong: false,
  },
  {
    key: 'cancellation_policy_disclosure',
    label: 'Cancellation policy',
    hint: 'How it was shown before they paid.',
    isLong: true,
  },
  {
    key: 'cancellation_rebuttal',
    label: 'Why it was not canceled',
    hint: 'Where they say they had canceled.',
    isLong: true,
  },
  {
    key: 'refund_policy_disclosure',
    label: 'Refund policy',
    hint: 'How it was shown before they paid.',
    isLong: true,
  },
  {
    key: 'refund_refusal_explanation',
    label: 'Why it was not refunded',
    hint: 'Where they say a refund is due.',
    isLong: true,
  },
  {
    key: 'uncategorized_text',
    label: 'Anything else',
    hint: 'What fits nowhere above.',
    isLong: true,
  },
]

/** How much of the evidence is written. */
export function writtenOf(evidence: Evidence): number {
  return EVIDENCE_FIELDS.filter(({ key }) => (evidence[key] ?? '').trim() !== '').length
}

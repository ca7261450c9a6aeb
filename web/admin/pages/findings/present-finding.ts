import type { ResponseOf } from '../../../../src/client/client.ts'
import type { Tone } from '../../../ui/badge.tsx'

export type Finding = ResponseOf<'get', '/api/v1/findings'>['data'][number]

interface Word {
  readonly word: string
  readonly tone: Tone
  readonly meaning: string
}

const STATES: Record<Finding['state'], Word> = {
  open: { word: 'open', tone: 'danger', meaning: 'Nobody has looked at it.' },
  explained: { word: 'explained', tone: 'neutral', meaning: 'Known, and harmless.' },
  repaired: { word: 'repaired', tone: 'success', meaning: 'Farebox has mended it.' },
  dismissed: { word: 'dismissed', tone: 'neutral', meaning: 'An operator has settled it.' },
}

export function stateOf({ state }: Pick<Finding, 'state'>): Word {
  return STATES[state]
}

const CATEGORIES: Record<Finding['category'], string> = {
  amount: 'amount',
  rounding: 'rounding',
  missing_local: 'missing here',
  missing_remote: 'missing in Stripe',
  status: 'status',
  currency: 'currency',
  mode: 'test and live mixed',
  orphan: 'belongs to nobody',
  late: 'late',
  drift: 'changed in Stripe',
  webhook: 'webhooks',
  meter: 'usage',
  deleted: 'deleted in Stripe',
  fraud: 'fraud',
  configuration: 'configuration',
}

export function categoryOf({ category }: Pick<Finding, 'category'>): string {
  return CATEGORIES[category]
}

/** A value of ours or theirs as a block of text: objects by member, words as they are. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return 'nothing'
  return typeof value === 'string' ? value : JSON.stringify(value, null, 2)
}

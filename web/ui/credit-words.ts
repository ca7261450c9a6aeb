import type { ResponseOf } from '../../src/client/client.ts'
import { add, decimal, formatDecimal, ZERO } from '../../src/kit/decimal.ts'
import type { Word } from './badge.tsx'
import { formatQuantity, formatUnitPrice } from './format.ts'

export type CreditAccount = ResponseOf<'get', '/api/v1/customers/{customerId}/credits'>
export type CreditGrant = CreditAccount['grants'][number]
export type CreditEntry = ResponseOf<
  'get',
  '/api/v1/customers/{customerId}/credits/ledger'
>['data'][number]

type TopUpState = ResponseOf<'get', '/api/v1/portal/credits/top-ups'>['data'][number]['state']

/** An amount in its unit, as it is read: `$25.00` of money, `1,000 requests`, `500 credits`. */
export function creditWords(amount: string, unit: string): string {
  const [kind = '', name = ''] = unit.split(':')
  if (kind === 'money') return formatUnitPrice(amount, name)
  return `${formatQuantity(amount)} ${name.replaceAll('_', ' ')}`
}

/** What the credits of a unit are called where no amount stands: `Balance in USD`, `Image credits`. */
export function unitName(unit: string): string {
  const [kind = '', name = ''] = unit.split(':')
  if (kind === 'money') return `Balance in ${name.toUpperCase()}`
  const words = name.replaceAll('_', ' ')
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`
}

/** What a balance cannot count, because only some features may use it: `100 credits more for certain features`. */
export function restrictedWords(unit: string, grants: readonly CreditGrant[]): string | undefined {
  const left = grants
    .filter((grant) => grant.unit === unit && grant.appliesTo !== null)
    .filter(({ state, isFrozen }) => state === 'active' && !isFrozen)
    .reduce((sum, grant) => add(sum, decimal(grant.left)), ZERO)
  if (left === ZERO) return undefined
  return `${creditWords(formatDecimal(left), unit)} more for certain features`
}

const CATEGORIES: Record<CreditGrant['category'], string> = {
  paid: 'Bought',
  promotional: 'Given',
  plan: 'With your plan',
  compensation: 'Given for an inconvenience',
  rollover: 'Left from before',
}

export function categoryOf({ category }: Pick<CreditGrant, 'category'>): string {
  return CATEGORIES[category]
}

const STATES: Record<CreditGrant['state'], Word> = {
  pending: { word: 'not begun', tone: 'neutral' },
  active: { word: 'usable', tone: 'success' },
  depleted: { word: 'used up', tone: 'neutral' },
  expired: { word: 'expired', tone: 'neutral' },
  voided: { word: 'taken back', tone: 'neutral' },
}

export function grantState({ state, isFrozen }: Pick<CreditGrant, 'state' | 'isFrozen'>): Word {
  return isFrozen ? { word: 'on hold', tone: 'warning' } : STATES[state]
}

const MOVEMENTS: Record<CreditEntry['type'], string> = {
  granted: 'Added',
  reserved: 'Held for a call',
  released: 'No longer held',
  burned: 'Used',
  expired: 'Expired',
  voided: 'Taken back',
  adjusted: 'Corrected',
}

/** Amounts are never negative: the kind of a movement says its direction. */
const ADDS: ReadonlySet<CreditEntry['type']> = new Set(['granted', 'released', 'adjusted'])

export function movementOf({ type }: Pick<CreditEntry, 'type'>): string {
  return MOVEMENTS[type]
}

/** With its sign, so that what came and what went are told apart without colours. */
export function signedWords({
  type,
  amount,
  unit,
}: Pick<CreditEntry, 'type' | 'amount' | 'unit'>): string {
  return `${ADDS.has(type) ? '+' : '−'}${creditWords(amount, unit)}`
}

const TOP_UPS: Record<TopUpState, Word> = {
  pending: { word: 'on its way', tone: 'info' },
  paid: { word: 'paid', tone: 'success' },
  failed: { word: 'failed', tone: 'danger' },
  expired: { word: 'expired', tone: 'neutral' },
}

/** What became of a purchase that was made by itself. */
export function topUpState(state: TopUpState): Word {
  return TOP_UPS[state]
}

import type { BodyOf, ResponseOf } from '../../../src/client/client.ts'
import { formatQuantity, formatUnitPrice, listOf } from '../format.ts'
import { plural } from '../pricing/price-words.ts'
import { maskedKey } from '../present-key.ts'

export type Budget = ResponseOf<'get', '/api/v1/portal/budgets'>['data'][number]
export type NewBudget = BodyOf<'post', '/api/v1/portal/budgets'>
export type BudgetChange = BodyOf<'patch', '/api/v1/portal/budgets/{budgetId}'>

type Window = Budget['window']

/** A meter and a key, as far as budgets name them. */
export interface BudgetMeter {
  readonly key: string
  readonly name: string
  readonly unit: string
  readonly aggregation: string
}
export type BudgetKey = Pick<
  ResponseOf<'get', '/api/v1/portal/keys'>['data'][number],
  'id' | 'name' | 'start' | 'lastFour' | 'state'
>

export interface BudgetWords {
  /** One amount in what the budget counts: `$2.50`, `1,200`. */
  readonly amount: (quantity: string) => string
  /** After two amounts: `requests per day`. */
  readonly unit: string
  /** For whom, what happens beyond, at which shares mails go out. */
  readonly terms: readonly string[]
}

export const WINDOWS: readonly { readonly value: Window; readonly label: string }[] = [
  { value: 'hour', label: 'Every hour' },
  { value: 'day', label: 'Every day' },
  { value: 'week', label: 'Every week' },
  { value: 'month', label: 'Every month' },
]

/** In the form, instead of a key: all of them. */
export const ALL_KEYS = 'all'
const MONEY = 'money:'

export function budgetWords(
  budget: Budget,
  meters: readonly BudgetMeter[],
  keys: readonly BudgetKey[],
): BudgetWords {
  const { currency, meterKey, window, isHard } = budget
  const unit = meters.find(({ key }) => key === meterKey)?.unit ?? meterKey ?? ''
  return {
    amount:
      currency === null
        ? formatQuantity
        : (quantity) => formatUnitPrice(toFourDigits(quantity), currency),
    unit: currency === null ? `${plural(unit)} per ${window}` : `per ${window}`,
    terms: [
      ownerWords(budget, keys),
      isHard ? 'Calls beyond it are refused' : 'Refuses nothing',
      alertWords(budget.alertPercents),
    ],
  }
}

function ownerWords({ keyId }: Budget, keys: readonly BudgetKey[]): string {
  if (keyId === null) return 'All keys together'
  const key = keys.find(({ id }) => id === keyId)
  return key === undefined ? `Key ${keyId}` : `Key “${key.name}”`
}

function alertWords(percents: readonly number[]): string {
  if (percents.length === 0) return 'No mails'
  return `Mails at ${listOf(percents.map((percent) => `${percent}%`))}`
}

/** What was spent has as many digits as its prices; beyond the fourth nobody reads them. */
function toFourDigits(quantity: string): string {
  const [whole = '0', fraction = ''] = quantity.split('.')
  const kept = fraction.slice(0, 4).replace(/0+$/, '')
  return kept === '' ? whole : `${whole}.${kept}`
}

/** What a budget can count: meters that add up, and money where a plan has prices. */
export function measureOptions(meters: readonly BudgetMeter[], currency: string | null) {
  const countable = meters.filter(({ aggregation }) => ['count', 'sum'].includes(aggregation))
  return [
    ...countable.map(({ key, name, unit }) => ({
      value: key,
      label: name,
      description: `In ${plural(unit)}`,
    })),
    ...(currency === null
      ? []
      : [
          {
            value: `${MONEY}${currency}`,
            label: `Money, in ${currency.toUpperCase()}`,
            description: 'Every unit at its list price, included ones too',
          },
        ]),
  ]
}

export function keyOptions(keys: readonly BudgetKey[]) {
  return [
    { value: ALL_KEYS, label: 'All keys together' },
    ...keys
      .filter(({ state }) => state !== 'revoked')
      .map((key) => ({ value: key.id, label: key.name, description: maskedKey(key) })),
  ]
}

/** What the form's fields say; the server checks what they may be. */
export function changeOf(text: (name: string) => string) {
  return {
    name: text('name'),
    amount: text('amount').replaceAll(',', ''),
    window: WINDOWS.find(({ value }) => value === text('window'))?.value ?? 'month',
    isHard: text('isHard') !== 'soft',
    alertPercents: (text('alertPercents').match(/\d+/g) ?? []).map(Number),
  } satisfies BudgetChange
}

export function newBudgetOf(text: (name: string) => string): NewBudget {
  const measure = text('meterKey')
  const keyId = text('keyId')
  const isMoney = measure.startsWith(MONEY)
  return {
    ...changeOf(text),
    keyId: keyId === ALL_KEYS ? null : keyId,
    meterKey: isMoney ? null : measure,
    currency: isMoney ? measure.slice(MONEY.length) : null,
  }
}

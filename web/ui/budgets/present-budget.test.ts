import { expect, test } from 'vitest'
import {
  type Budget,
  budgetWords,
  keyOptions,
  measureOptions,
  newBudgetOf,
} from './present-budget.ts'

const METERS = [
  { key: 'requests', name: 'Requests', unit: 'request', aggregation: 'count' },
  { key: 'seats', name: 'Seats', unit: 'seat', aggregation: 'latest' },
]
const KEYS = [
  { id: 'key_1', name: 'Nightly', start: 'fb_test_8Kq2', lastFour: 'h4Qz', state: 'active' },
  { id: 'key_2', name: 'Old', start: 'fb_test_1111', lastFour: '2222', state: 'revoked' },
] as const

const aBudget = (over: Partial<Budget> = {}): Budget => ({
  id: 'budget_1',
  name: 'Cap',
  keyId: null,
  meterKey: 'requests',
  currency: null,
  amount: '1200',
  used: '3',
  window: 'day',
  isHard: true,
  alertPercents: [80, 100],
  startsAt: '2026-03-16T00:00:00Z',
  resetsAt: '2026-03-17T00:00:00Z',
  createdAt: '2026-03-01T00:00:00Z',
  ...over,
})

test('a budget in units says whose it is, what happens beyond it and when mails go out', () => {
  const words = budgetWords(aBudget({ keyId: 'key_1' }), METERS, KEYS)

  expect(words.amount('1200')).toBe('1,200')
  expect(words.unit).toBe('requests per day')
  expect(words.terms).toEqual([
    'Key “Nightly”',
    'Calls beyond it are refused',
    'Mails at 80% and 100%',
  ])
})

test('a budget in money shows amounts in its currency, without digits nobody reads', () => {
  const money = aBudget({ meterKey: null, currency: 'usd', isHard: false, alertPercents: [] })
  const words = budgetWords(money, METERS, KEYS)

  expect(['5', '0.333333333333', '0.00000001'].map(words.amount)).toEqual([
    '$5.00',
    '$0.3333',
    '$0.00',
  ])
  expect(words.unit).toBe('per day')
  expect(words.terms).toEqual(['All keys together', 'Refuses nothing', 'No mails'])
})

test('only meters that add up, the currency of the plan and keys that can call are offered', () => {
  expect(measureOptions(METERS, null).map(({ value }) => value)).toEqual(['requests'])
  expect(measureOptions(METERS, 'eur').map(({ value }) => value)).toEqual(['requests', 'money:eur'])
  expect(keyOptions(KEYS).map(({ label }) => label)).toEqual(['All keys together', 'Nightly'])
})

test('the form is read into a budget of either a meter or money', () => {
  const fields: Record<string, string> = {
    name: 'Cap',
    keyId: 'all',
    meterKey: 'money:usd',
    amount: '1,000.50',
    window: 'week',
    isHard: 'soft',
    alertPercents: '50 %, 100',
  }
  const read = (over: Record<string, string> = {}) =>
    newBudgetOf((name) => ({ ...fields, ...over })[name] ?? '')

  expect(read()).toEqual({
    name: 'Cap',
    keyId: null,
    meterKey: null,
    currency: 'usd',
    amount: '1000.50',
    window: 'week',
    isHard: false,
    alertPercents: [50, 100],
  })
  expect(read({ meterKey: 'requests', keyId: 'key_1', alertPercents: '' })).toMatchObject({
    keyId: 'key_1',
    meterKey: 'requests',
    currency: null,
    alertPercents: [],
  })
})

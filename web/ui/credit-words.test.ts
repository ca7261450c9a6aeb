import { expect, test } from 'vitest'
import {
  type CreditGrant,
  creditWords,
  grantState,
  restrictedWords,
  signedWords,
  unitName,
  topUpState,
} from './credit-words.ts'

test('what became of an automatic purchase is said in a word, and a failed one in the colour of failure', () => {
  expect(topUpState('paid')).toEqual({ word: 'paid', tone: 'success' })
  expect(topUpState('failed').tone).toBe('danger')
})

test('money is shown as money, everything else with its name', () => {
  expect(creditWords('25.5', 'money:usd')).toBe('$25.50')
  expect(creditWords('1000', 'feature:api_requests')).toBe('1,000 api requests')
  expect([unitName('money:eur'), unitName('custom:image_credits')]).toEqual([
    'Balance in EUR',
    'Image credits',
  ])
})

test('what only some features may use is told beside the balance, which does not count it', () => {
  const grant = { unit: 'custom:credits', state: 'active', isFrozen: false } as CreditGrant
  const grants = [
    { ...grant, left: '60', appliesTo: ['images'] },
    { ...grant, left: '40.5', appliesTo: ['films'] },
    { ...grant, left: '7', appliesTo: null },
    { ...grant, left: '8', appliesTo: ['images'], state: 'expired' as const },
    { ...grant, left: '9', appliesTo: ['images'], unit: 'money:usd' },
  ]
  expect(restrictedWords('custom:credits', grants)).toBe('100.5 credits more for certain features')
  expect(restrictedWords('feature:requests', grants)).toBeUndefined()
})

test('what came is told from what went by its sign', () => {
  const ten = { amount: '10', unit: 'custom:credits' }
  expect(signedWords({ ...ten, type: 'granted' })).toBe('+10 credits')
  expect(signedWords({ ...ten, type: 'burned' })).toBe('−10 credits')
})

test('credit whose payment is disputed is on hold, whatever else it is', () => {
  expect(grantState({ state: 'active', isFrozen: true }).word).toBe('on hold')
  expect(grantState({ state: 'depleted', isFrozen: false }).word).toBe('used up')
})

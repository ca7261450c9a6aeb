import { expect, test } from 'vitest'
import { creditWords, grantState, signedWords, unitName } from './credit-words.ts'

test('money is shown as money, everything else with its name', () => {
  expect(creditWords('25.5', 'money:usd')).toBe('$25.50')
  expect(creditWords('1000', 'feature:api_requests')).toBe('1,000 api requests')
  expect([unitName('money:eur'), unitName('custom:image_credits')]).toEqual([
    'Balance in EUR',
    'image credits',
  ])
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

import { expect, test } from 'vitest'
import { creditWords, grantState, packWords, signedWords, unitName } from './present-credits.ts'

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

test('a pack says what is in it and how long it lasts', () => {
  const pack = {
    key: 'small',
    name: 'Small',
    unit: 'custom:credits',
    amountPerPack: '500',
    price: { amountMinor: 900, currency: 'usd' },
    priority: 100,
    validFor: 'P1Y',
    appliesTo: null,
    archivedAt: null,
  }

  expect(packWords(pack)).toBe('500 credits, valid for 1 year')
  expect(packWords({ ...pack, validFor: null })).toBe('500 credits, without an end')
})

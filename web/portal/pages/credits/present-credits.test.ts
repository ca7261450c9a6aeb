import { expect, test } from 'vitest'
import { packWords } from './present-credits.ts'

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

import { expect, test } from 'vitest'
import { methodWords, removalConsequences } from './present-method.ts'

const CARD = {
  id: 'pm_1',
  type: 'card',
  brand: 'visa',
  lastFour: '4242',
  expiresMonth: 4,
  expiresYear: 2027,
  isDefault: true,
}

test('a card is named as on the card', () => {
  expect(methodWords(CARD, 0)).toEqual({
    name: 'Visa …4242',
    expiry: 'expires 04/2027',
    isExpired: false,
  })
})

test('a card works until the last moment of its month', () => {
  expect(methodWords(CARD, Date.UTC(2027, 4) - 1).isExpired).toBe(false)
  expect(methodWords(CARD, Date.UTC(2027, 4)).isExpired).toBe(true)
})

test('what is no card has no brand and does not expire', () => {
  const debit = {
    ...CARD,
    type: 'sepa_debit',
    brand: null,
    expiresMonth: null,
    expiresYear: null,
  }

  expect(methodWords(debit, 0)).toEqual({
    name: 'Sepa debit …4242',
    expiry: '',
    isExpired: false,
  })
})

test('whoever removes the only method of a running plan is told what follows', () => {
  const of = (isDefault: boolean, isOnlyOne: boolean, isPlanRunning: boolean) =>
    removalConsequences({ isDefault }, { isOnlyOne, isPlanRunning })[0]

  expect(of(true, true, true)).toContain('the next payment cannot be taken')
  expect(of(true, false, true)).toContain('Choose another one')
  expect(of(false, false, true)).toContain('forgotten')
  expect(of(true, true, false)).toContain('forgotten')
})

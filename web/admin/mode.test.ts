import { expect, test } from 'vitest'
import { counterpart, modeOf } from './mode.ts'

test('the mode is read from the address and never guessed', () => {
  const addresses = ['/admin/test', '/admin/live/customers', '/admin', '/admin/testing', '/live']

  expect(addresses.map(modeOf)).toEqual(['test', 'live', undefined, undefined, undefined])
})

test('the other mode opens at the same list, never at an object of this one', () => {
  expect(counterpart('/admin/test/customers/customer_01k9', 'live')).toBe('/admin/live/customers')
  expect(counterpart('/admin/live', 'test')).toBe('/admin/test')
})

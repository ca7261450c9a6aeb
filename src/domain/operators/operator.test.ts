import { expect, test } from 'vitest'
import { hasPermission } from './operator.ts'

test('S2.24 each role may do its own work and nothing else', () => {
  expect(hasPermission(['super_admin'], 'operators.write')).toBe(true)
  expect(hasPermission(['support_admin'], 'customers.write')).toBe(true)
  expect(hasPermission(['support_admin'], 'payments.write')).toBe(false)
  expect(hasPermission(['finance_admin'], 'payments.write')).toBe(true)
  expect(hasPermission(['finance_admin'], 'settings.write')).toBe(false)
  expect(hasPermission(['read_only'], 'customers.write')).toBe(false)
  expect(hasPermission([], 'read')).toBe(false)
})

test('roles add up', () => {
  expect(hasPermission(['read_only', 'finance_admin'], 'payments.write')).toBe(true)
})

import { expect, test } from 'vitest'
import { valueText } from './present-finding.ts'

test('what differs is shown as it is, also where one side has nothing', () => {
  expect(valueText(null)).toBe('nothing')
  expect(valueText('paid')).toBe('paid')
  expect(valueText({ total: 2900 })).toBe('{\n  "total": 2900\n}')
})

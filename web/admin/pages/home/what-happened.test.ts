import { expect, test } from 'vitest'
import { summarizeEntries } from './what-happened.ts'

const entries = (...actions: string[]) => actions.map((action) => ({ action }))

test('a month is summed up by what happened most', () => {
  const month = entries('invoice.paid', 'subscription.ended', 'invoice.paid', 'key.issued')

  expect(summarizeEntries(month).map(({ words }) => words)).toEqual([
    '2 invoices paid',
    '1 subscription ended',
    'API key issued',
  ])
})

test('actions without words of their own are still counted', () => {
  expect(summarizeEntries(entries('credit.expired', 'credit.expired'))[0]?.words).toBe(
    'Credit expired, 2 times',
  )
  expect(summarizeEntries([])).toEqual([])
})

import { expect, test } from 'vitest'
import { compare, type Compared, summaryOf } from './compare.ts'

const invoice = (changes: Partial<Compared> = {}): Compared => ({
  kind: 'invoice',
  stripeId: 'in_1',
  currency: 'usd',
  status: 'paid',
  values: { total: '2900', paid: '2900' },
  ...changes,
})

test('what agrees is no difference, in whatever order it comes', () => {
  const other = invoice({ stripeId: 'in_2' })
  expect(compare([invoice(), other], [other, invoice()])).toEqual([])
})

test('U40 each kind of difference has its category, and only what Stripe can tell is safe to take over', () => {
  const against = (theirs: Compared[], ours = [invoice()]) =>
    compare(ours, theirs).map(({ category, isSafe }) => [category, isSafe])

  expect(against([invoice({ status: 'open' })])).toEqual([['status', true]])
  expect(against([invoice({ values: { total: '2901', paid: '2900' } })])).toEqual([
    ['amount', true],
  ])
  expect(against([invoice({ currency: 'eur' })])).toEqual([['currency', false]])
  expect(against([invoice()], [])).toEqual([['missing_local', true]])
  expect(against([])).toEqual([['missing_remote', false]])
})

test('a difference says what is here and what is there', () => {
  const [difference] = compare([invoice()], [invoice({ values: { total: '2901', paid: '2900' } })])
  expect(difference && summaryOf(difference)).toBe(
    'The invoice in_1 differs: status paid here, paid there; total 2900 here, 2901 there.',
  )
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  countOf,
  formatAmount,
  formatChange,
  formatCompact,
  formatCredit,
  formatDate,
  formatDateTime,
  formatDuration,
  formatExact,
  formatPeriod,
  formatQuantity,
  formatRelative,
  formatShare,
  formatUnitPrice,
  listOf,
  shortId,
} from './format.ts'

const NOW = Date.parse('2026-03-16T12:00:00Z')
const at = (offsetSeconds: number) => new Date(NOW + offsetSeconds * 1000).toISOString()

test('amounts show the symbol, grouping and exactly the digits of their currency', () => {
  expect(formatAmount({ amountMinor: 123450, currency: 'usd' })).toBe('$1,234.50')
  expect(formatAmount({ amountMinor: 2900, currency: 'jpy' })).toBe('¥2,900')
  expect(formatAmount({ amountMinor: -5, currency: 'eur' })).toBe('-€0.05')
})

test('a credit is shown with its sign, and none at all is not less than nothing', () => {
  expect(formatCredit({ amountMinor: 1250, currency: 'usd' })).toBe('-$12.50')
  expect(formatCredit({ amountMinor: 0, currency: 'usd' })).toBe('$0.00')
})

test('a price per unit keeps every digit it was set with', () => {
  expect(formatUnitPrice('0.0005', 'usd')).toBe('$0.0005')
  expect(formatUnitPrice('29', 'usd')).toBe('$29.00')
  expect(formatUnitPrice('0.000000000001', 'usd')).toBe('$0.000000000001')
  expect(formatUnitPrice('3', 'jpy')).toBe('¥3')
})

test('a grouped quantity still holds exactly the digits of the decimal it came from', () => {
  const decimals = fc
    .tuple(fc.bigInt({ min: 0n, max: 10n ** 26n }), fc.option(fc.stringMatching(/^\d{1,12}$/)))
    .map(([whole, fraction]) => (fraction === null ? String(whole) : `${whole}.${fraction}`))

  fc.assert(
    fc.property(decimals, (decimal) => formatQuantity(decimal).replaceAll(',', '') === decimal),
  )
  expect(formatQuantity('1234567.5')).toBe('1,234,567.5')
  expect(formatQuantity('-1234')).toBe('−1,234')
})

test('a quota never reads as used up before it is', () => {
  expect(formatShare(0.9999)).toBe('99.9%')
  expect(formatShare(1)).toBe('100%')
  expect(formatShare(0.1234)).toBe('12.3%')
  expect(formatShare(0.29, 0)).toBe('29%')
  expect(formatShare(1.375, 0)).toBe('138%')
})

test('a change says its direction', () => {
  expect([0.042, -0.01, 0].map(formatChange)).toEqual(['+4.2%', '−1%', '0%'])
})

test('compact numbers have three digits that matter', () => {
  expect([950, 1_234, 1_234_567, 9_999_999].map(formatCompact)).toEqual([
    '950',
    '1.23K',
    '1.23M',
    '10M',
  ])
})

test('dates follow the zone they are shown in', () => {
  const newYear = '2026-01-01T02:30:00Z'

  expect(formatDate(newYear, 'UTC')).toBe('Jan 1, 2026')
  expect(formatDate(newYear, 'America/New_York')).toBe('Dec 31, 2025')
  expect(formatDateTime(newYear, 'Asia/Tokyo')).toBe('Jan 1, 2026, 11:30')
  expect(formatExact(newYear, 'UTC')).toBe('Jan 1, 2026, 02:30:00 UTC')
})

test('midnight is 00:00, never 24:00', () => {
  expect(formatDateTime('2026-03-16T00:00:00Z', 'UTC')).toBe('Mar 16, 2026, 00:00')
})

test('a period shows the last day it covers, not the day after', () => {
  expect(formatPeriod('2026-03-01T00:00:00Z', '2026-04-01T00:00:00Z', 'UTC')).toBe(
    'Mar 1 – 31, 2026',
  )
  expect(formatPeriod('2026-03-16T00:00:00Z', '2026-04-16T00:00:00Z', 'UTC')).toBe(
    'Mar 16 – Apr 15, 2026',
  )
})

test.each([
  [-10, 'just now'],
  [20, 'just now'],
  [-50, '1 minute ago'],
  [-12 * 60, '12 minutes ago'],
  [3 * 3600, 'in 3 hours'],
  [-26 * 3600, 'yesterday'],
  [3 * 86_400, 'in 3 days'],
  [-90 * 86_400, 'Dec 16, 2025'],
])('%i seconds from now reads "%s"', (offset, words) => {
  expect(formatRelative(at(offset), NOW, 'UTC')).toBe(words)
})

test.each([
  [0, '0 ms'],
  [320, '320 ms'],
  [1_290, '1.2 s'],
  [12_900, '12 s'],
  [200_000, '3 min 20 s'],
  [7_200_000, '2 h'],
  [187_200_000, '2 d 4 h'],
])('%i ms take "%s"', (ms, words) => {
  expect(formatDuration(ms)).toBe(words)
})

test('a shortened id keeps its kind and both ends; a short one stays whole', () => {
  expect(shortId('customer_01k9abcdefghjkmnpqrstvx7f2')).toBe('customer_01k9…x7f2')
  expect(shortId('cus_9s6XKzkNRiz8i3')).toBe('cus_9s6X…z8i3')
  expect(shortId('sim_1')).toBe('sim_1')
})

test('counts agree with their noun', () => {
  expect([countOf(1, 'key'), countOf(0, 'key'), countOf(2400, 'call')]).toEqual([
    '1 key',
    '0 keys',
    '2,400 calls',
  ])
  expect(countOf(2, 'reply', 'replies')).toBe('2 replies')
})

test('lists end in a word', () => {
  expect([[], ['a'], ['a', 'b'], ['a', 'b', 'c']].map(listOf)).toEqual([
    '',
    'a',
    'a and b',
    'a, b and c',
  ])
})

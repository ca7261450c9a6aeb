import { expect, test } from 'vitest'
import { randomToken } from './crypto.ts'
import { isId, newId } from './id.ts'
import { decodeCursor, toPage } from './page.ts'

test('ids sort by the time they were made and carry their kind', () => {
  const ids = [1_000, 2_000, 1_790_000_000_000].map((at) => newId('customer', at))
  expect(ids.toSorted()).toEqual(ids)
  expect(ids.every((id) => isId('customer', id))).toBe(true)
  expect(isId('plan', ids[0]!)).toBe(false)
  expect(isId('customer', 'customer_../../etc/passwd0000')).toBe(false)
})

test('ten thousand ids of one millisecond are all different', () => {
  expect(new Set(Array.from({ length: 10_000 }, () => newId('key', 1))).size).toBe(10_000)
})

test('tokens use letters and digits only and every length asked for', () => {
  for (const length of [1, 24, 32, 100]) {
    expect(randomToken(length)).toMatch(new RegExp(`^[0-9A-Za-z]{${length}}$`))
  }
})

test('a page knows whether there is a next one', () => {
  const rows = ['a', 'b', 'c']
  const page = toPage(rows, 2, (row) => row)
  expect(page.data).toEqual(['a', 'b'])
  expect(decodeCursor(page.nextCursor!)).toBe('b')
  expect(toPage(rows, 3, (row) => row).nextCursor).toBeNull()
})

import { expect, test } from 'vitest'
import { findUnstorable, toStorable } from './storable.ts'

const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`)

test('what cannot be stored is found wherever it stands, and told by its path', () => {
  expect(findUnstorable({ a: ['x', { b: 'y\0' }] })).toEqual({
    path: ['a', 1, 'b'],
    message: 'must not contain the character NUL',
  })
  expect(findUnstorable({ 'a\0': 1 })).toMatchObject({ path: [] })
  expect(findUnstorable(['\uD83D'])).toMatchObject({ path: [0] })
  expect(findUnstorable(deep(100_000))).toMatchObject({ message: 'is nested too deeply' })
  expect(findUnstorable({ a: ['\u{1F600}', null, 1, true, deep(100)] })).toBeUndefined()
})

test('what is kept of it can be stored, and what could be is kept as it is', () => {
  const fine = { a: ['x', { b: 'y', c: [1, null, true] }] }

  expect(toStorable(fine)).toEqual(fine)
  for (const value of ['a\0b', { 'a\0': '\uDC00' }, deep(100_000)]) {
    expect(findUnstorable(toStorable(value))).toBeUndefined()
  }
})

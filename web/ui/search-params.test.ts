import { expect, test } from 'vitest'
import { choiceParam, compact, returnParam, textParam } from './search-params.ts'

test('a stale or mistyped parameter is left out instead of breaking the page', () => {
  expect(choiceParam({ status: 'gone' }, 'status', ['active', 'ended'])).toBeUndefined()
  expect(choiceParam({ status: 'ended' }, 'status', ['active', 'ended'])).toBe('ended')
  expect(textParam({ q: ['a'] }, 'q')).toBeUndefined()
  expect(textParam({ q: '' }, 'q')).toBeUndefined()
})

test.each([
  'https://evil.example',
  '//evil.example',
  '/\\evil.example',
  'javascript:alert(1)',
  'keys',
])('after signing in nobody is sent to %s', (next) => {
  expect(returnParam({ next }, 'next')).toBeUndefined()
})

test('after signing in the page asked for comes back, filters included', () => {
  expect(returnParam({ next: '/invoices?status=open' }, 'next')).toBe('/invoices?status=open')
})

test('what is not set does not appear in the address', () => {
  expect(compact({ search: 'a', cursor: undefined })).toEqual({ search: 'a' })
})

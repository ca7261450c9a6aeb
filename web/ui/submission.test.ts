import { expect, test } from 'vitest'
import type { Problem } from './problem.ts'
import { keyAfter } from './submission.ts'

const answered = (status: number): Problem => ({
  status,
  code: 'any',
  title: 'Any',
  detail: '',
  requestId: null,
  errors: [],
})

test('a repetition after a lost answer carries the same idempotency key, so a refund is not made twice', () => {
  expect([0, 502, 503].map((status) => keyAfter(answered(status), 'key-1'))).toEqual([
    'key-1',
    'key-1',
    'key-1',
  ])
})

test('a corrected form is another request and gets another key', () => {
  expect([400, 409].map((status) => keyAfter(answered(status), 'key-1'))).toEqual([
    undefined,
    undefined,
  ])
})

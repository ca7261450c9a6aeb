import { expect, test } from 'vitest'
import { ProblemError } from '../../src/client/problem-error.ts'
import { isWorthRetrying } from './query-client.ts'

const refused = (status: number) =>
  new ProblemError({ status, code: 'any', title: 'Any', detail: '', requestId: 'req_1' })

test('what the server refused is not asked again', () => {
  expect([400, 401, 403, 404, 409].filter((status) => isWorthRetrying(0, refused(status)))).toEqual(
    [],
  )
})

test('a read without an answer is tried again, but not for ever', () => {
  const error = new TypeError('Failed to fetch')

  expect([0, 1, 2, 3].map((failures) => isWorthRetrying(failures, error))).toEqual([
    true,
    true,
    false,
    false,
  ])
  expect(isWorthRetrying(0, refused(503))).toBe(true)
})

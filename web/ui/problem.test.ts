import { expect, test } from 'vitest'
import { ProblemError } from '../../src/client/problem-error.ts'
import { assignErrors, isOutcomeUnknown, type Problem, toProblem } from './problem.ts'

const aProblem = (over: Partial<Problem> = {}): Problem => ({
  status: 400,
  code: 'invalid_request',
  title: 'Invalid request',
  detail: 'The request has 1 invalid value(s); see errors.',
  requestId: 'req_01k9',
  errors: [],
  ...over,
})

test('what the server said reaches the reader unchanged', () => {
  const { errors: _, ...document } = aProblem()
  const thrown = new ProblemError({ ...document, requestId: 'req_01k9' })

  expect(toProblem(thrown)).toEqual(aProblem({ requestId: 'req_01k9' }))
})

test('without a request id there is none to copy', () => {
  const thrown = new ProblemError({ ...aProblem(), requestId: '' })

  expect(toProblem(thrown).requestId).toBeNull()
})

test('a lost connection and a bug in the page are told apart', () => {
  expect(toProblem(new TypeError('Failed to fetch')).code).toBe('no_answer')
  expect(toProblem(new DOMException('signal timed out', 'TimeoutError')).code).toBe('no_answer')
  expect(toProblem(new TypeError('x is not a function')).code).toBe('page_broken')
  expect(toProblem('anything').code).toBe('page_broken')
})

test('only a request without a definite answer counts as possibly done', () => {
  const statuses = [0, 408, 500, 502, 503, 400, 401, 404, 409, 429]

  expect(statuses.filter((status) => isOutcomeUnknown(aProblem({ status })))).toEqual([
    0, 408, 500, 502, 503,
  ])
})

test('each error goes to its field, and what has no field is kept for the page', () => {
  const problem = aProblem({
    errors: [
      { path: 'name', message: 'Too long.' },
      { path: 'name', message: 'Must not end in a blank.' },
      { path: 'rateCards[0].price', message: 'Missing.' },
    ],
  })

  const { fields, rest } = assignErrors(problem, (name) => name === 'name')

  expect(fields).toEqual({ name: 'Too long. Must not end in a blank.' })
  expect(rest).toEqual([{ path: 'rateCards[0].price', message: 'Missing.' }])
})

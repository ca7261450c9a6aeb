import { expect, test } from 'vitest'
import { authProblem, linkProblem } from './auth-problem.ts'

test('a wrong password and an unknown address read the same', () => {
  const problem = authProblem(401, { code: 'INVALID_EMAIL_OR_PASSWORD', message: 'x' }, 'req_1')

  expect(problem).toMatchObject({
    status: 401,
    title: 'Email or password is wrong',
    requestId: 'req_1',
    errors: [],
  })
})

test('signing up with a taken address does not say that it is taken', () => {
  const { title, detail } = authProblem(
    422,
    { code: 'USER_ALREADY_EXISTS_USE_ANOTHER_EMAIL', message: 'User already exists.' },
    '',
  )

  expect(`${title} ${detail}`).not.toMatch(/exists|taken/i)
})

test('what concerns one field is said at that field', () => {
  expect(authProblem(400, { code: 'PASSWORD_TOO_SHORT' }, '').errors).toEqual([
    { path: 'password', message: 'Use at least 10 characters.' },
  ])
})

test('too many attempts are named as such, whatever the endpoint calls them', () => {
  expect(authProblem(429, { message: 'Too many requests.' }, '').title).toBe('Too many attempts')
})

test('an answer that is not understood still becomes a message', () => {
  expect(authProblem(500, '<html>', '')).toMatchObject({ title: 'That did not work', errors: [] })
  expect(authProblem(400, { message: 'Blocked by a hook.' }, '').detail).toBe('Blocked by a hook.')
})

test('an expired link says what to do', () => {
  expect(linkProblem('INVALID_TOKEN').message).toContain('Ask for a new one')
  expect(linkProblem('expired_token').message).toContain('Ask for a new one')
})

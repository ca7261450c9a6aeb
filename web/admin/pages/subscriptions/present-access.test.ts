import { expect, test } from 'vitest'
import { isInForce, overrideOf, overrideWords } from './present-access.ts'

test('each choice of the form is what the API takes, and the last one takes everything back', () => {
  expect(overrideOf('allow_until', '2026-05-01', '')).toEqual({
    kind: 'allow_until',
    until: '2026-05-01T00:00:00Z',
  })
  expect(overrideOf('deny', '', 'Abuse')).toEqual({ kind: 'deny', note: 'Abuse' })
  expect(overrideOf('none', '2026-05-01', 'Abuse')).toBeNull()
})

test('being let in ends by itself, being kept out does not', () => {
  const until = '2026-05-01T00:00:00Z'
  const letIn = { kind: 'allow_until', until } as const

  expect(isInForce(letIn, Date.parse(until) - 1)).toBe(true)
  expect(isInForce(letIn, Date.parse(until))).toBe(false)
  expect(isInForce({ kind: 'deny', note: 'Abuse' }, Date.parse(until))).toBe(true)
  expect(isInForce(null, 0)).toBe(false)
})

test('a decision is said with its day or its reason', () => {
  expect(overrideWords({ kind: 'deny', note: 'Abuse' })).toContain('Abuse')
  expect(overrideWords({ kind: 'allow_until', until: '2026-05-01T00:00:00Z' })).toContain('2026')
})

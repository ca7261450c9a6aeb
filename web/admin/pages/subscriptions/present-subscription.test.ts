import { expect, test } from 'vitest'
import { nextOf, refusalToCancel, refusalToResume } from './present-subscription.ts'

const RUNNING = {
  lifecycle: 'active',
  cancelAt: null,
  endsAt: null,
  trialEndsAt: null,
  resumesAt: null,
  currentPeriod: { startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-04-01T00:00:00Z' },
} as const

test('a running subscription renews, a canceled one ends, a trial ends before either', () => {
  const cancelAt = '2026-03-16T00:00:00Z'
  const trialEndsAt = '2026-03-08T00:00:00Z'

  expect(nextOf(RUNNING)).toEqual({ label: 'Renews', at: '2026-04-01T00:00:00Z' })
  expect(nextOf({ ...RUNNING, lifecycle: 'canceling', cancelAt })).toEqual({
    label: 'Ends',
    at: cancelAt,
  })
  expect(nextOf({ ...RUNNING, lifecycle: 'trialing', trialEndsAt })).toEqual({
    label: 'Trial ends',
    at: trialEndsAt,
  })
})

test('what is paused resumes on its day or when somebody resumes it, and does not renew', () => {
  const resumesAt = '2026-05-01T00:00:00Z'

  expect(nextOf({ ...RUNNING, lifecycle: 'paused' })).toBeUndefined()
  expect(nextOf({ ...RUNNING, lifecycle: 'paused', resumesAt })).toEqual({
    label: 'Resumes',
    at: resumesAt,
  })
})

test('what has ended says when, and never that it renews', () => {
  const endsAt = '2026-03-20T00:00:00Z'

  expect(nextOf({ ...RUNNING, lifecycle: 'ended', endsAt })).toEqual({ label: 'Ended', at: endsAt })
  expect(nextOf({ ...RUNNING, lifecycle: 'expired' })).toBeUndefined()
})

test('only what runs can be canceled, and only what is being canceled can be resumed', () => {
  expect(refusalToCancel({ lifecycle: 'active' })).toBeUndefined()
  expect(refusalToCancel({ lifecycle: 'ended' })).toBeDefined()
  expect(refusalToResume({ lifecycle: 'canceling' })).toBeUndefined()
  expect(refusalToResume({ lifecycle: 'paused' })).toBeUndefined()
  expect(refusalToResume({ lifecycle: 'active' })).toBeDefined()
})

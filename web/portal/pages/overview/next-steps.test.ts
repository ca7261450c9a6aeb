import { expect, test } from 'vitest'
import { nextSteps } from './next-steps.ts'

type Overview = Parameters<typeof nextSteps>[0]

const anOverview = (over: object = {}) =>
  ({
    now: '2026-03-16T12:00:00Z',
    subscription: { lifecycle: 'active' },
    quotas: [],
    alerts: [],
    unrevealedKeyIds: [],
    hasCalled: false,
    ...over,
  }) as unknown as Overview

const done = (overview: Overview) => nextSteps(overview)?.map(({ isDone }) => isDone)

test('an account without a plan begins with choosing one', () => {
  expect(done(anOverview({ subscription: null }))).toEqual([false, false, false])
})

test('a key that was not seen is the next step', () => {
  expect(done(anOverview({ unrevealedKeyIds: ['key_1'] }))).toEqual([true, false, false])
  expect(done(anOverview())).toEqual([true, true, false])
})

test('after the first call there is nothing left to do', () => {
  expect(nextSteps(anOverview({ hasCalled: true }))).toBeUndefined()
})

test('an account whose plan has ended is not treated as new', () => {
  expect(nextSteps(anOverview({ subscription: { lifecycle: 'ended' } }))).toBeUndefined()
})

import { expect, test } from 'vitest'
import { projectExhaustion, quotaState } from './quota.ts'

const MARCH = { startsAt: '2026-03-01T00:00:00Z', endsAt: '2026-04-01T00:00:00Z' }
const on = (iso: string) => Date.parse(iso)

test('a quota warns from 80 percent on and is used up at exactly its limit, not before', () => {
  const levels = ['79999', '80000', '99999', '100000', '100001'].map(
    (used) => quotaState(used, '100000', 'block').level,
  )

  expect(levels).toEqual(['calm', 'near', 'near', 'reached', 'reached'])
})

test('beyond a limit the words say what happens to the next call', () => {
  const words = (['block', 'throttle', 'bill_overage', 'warn'] as const).map(
    (onLimit) => quotaState('150', '100', onLimit).word,
  )

  expect(words).toEqual(['Used up', 'Slowed down', 'Extra usage is billed', 'More than included'])
})

test('exactly at a soft limit nothing is said to be billed', () => {
  expect(quotaState('100', '100', 'bill_overage').word).toBe('Included usage used up')
  expect(quotaState('100', '100', 'block').word).toBe('Used up')
})

test('a budget that only tells is used up at its amount and never said to be billed', () => {
  expect(quotaState('100', '100', 'tell')).toMatchObject({ level: 'near', word: 'Used up' })
  expect(quotaState('150', '100', 'tell')).toMatchObject({ level: 'near', word: 'Used up' })
})

test('without a limit there is no share; a limit of zero is full', () => {
  expect(quotaState('150', null, 'block').share).toBeUndefined()
  expect(quotaState('0', '0', 'block')).toMatchObject({ share: 1, level: 'reached' })
})

test('where nothing is included and all usage is billed, there is no quota to be full', () => {
  expect(quotaState('4507', '0', 'bill_overage')).toEqual({
    share: undefined,
    level: 'calm',
    word: 'Billed from the first',
  })
})

test('half the quota in a quarter of the period runs out in the middle of it', () => {
  const now = on('2026-03-08T18:00:00Z')

  expect(projectExhaustion({ used: '50', limit: '100' }, MARCH, now)).toBe(
    '2026-03-16T12:00:00.000Z',
  )
})

test('no date is invented: not when the quota lasts, is used up, is unlimited, or the period has just begun', () => {
  const middle = on('2026-03-16T12:00:00Z')
  const usages = [
    { used: '40', limit: '100' },
    { used: '100', limit: '100' },
    { used: '100', limit: null },
    { used: '0', limit: '100' },
  ]

  expect(usages.map((usage) => projectExhaustion(usage, MARCH, middle))).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ])
  expect(
    projectExhaustion({ used: '99', limit: '100' }, MARCH, on('2026-03-01T01:00:00Z')),
  ).toBeUndefined()
})

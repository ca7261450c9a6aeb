import { expect, test } from 'vitest'
import { runWords } from './present-run.ts'

const COUNTS = { customers: 12, objects: 80, differences: 2, repaired: 1, failed: 0 }

test('a comparison says what it found and what it did about it', () => {
  const run = { counts: COUNTS, error: null, isDryRun: false }
  expect(runWords(run)).toBe('2 differences among 12 customers, 1 mended')
  const clean = { ...COUNTS, differences: 0, repaired: 0 }
  expect(runWords({ ...run, counts: clean, isDryRun: true })).toBe(
    'No difference among 12 customers, only looked',
  )
  expect(runWords({ ...run, error: 'Stripe did not answer' })).toBe('Stripe did not answer')
})

import { expect, test } from 'vitest'
import { usageQuestion } from './usage-range.ts'

const NOW = Date.parse('2026-03-16T12:34:56Z')

test('a range ends with the hour that is running and begins with a whole bucket', () => {
  expect(usageQuestion('requests', 'day', NOW)).toEqual({
    meter: 'requests',
    from: '2026-03-15T13:00:00.000Z',
    to: '2026-03-16T13:00:00.000Z',
    grain: 'hour',
  })
  expect(usageQuestion('requests', 'month', NOW)).toMatchObject({
    from: '2026-02-15T00:00:00.000Z',
    grain: 'day',
  })
})

test('within an hour the question stays the same, so its answer is found again', () => {
  expect(usageQuestion('requests', 'week', NOW)).toEqual(
    usageQuestion('requests', 'week', NOW + 60_000),
  )
})

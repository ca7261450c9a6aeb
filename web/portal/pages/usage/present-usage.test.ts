import { expect, test } from 'vitest'
import { seriesOf, sharesOf, totalWords, usageRows } from './present-usage.ts'

const USAGE = {
  meterKey: 'requests',
  unit: 'request',
  grain: 'day' as const,
  timeZone: 'UTC',
  total: '12.5',
  points: [
    { at: '2026-03-01T00:00:00Z', value: '10' },
    { at: '2026-03-03T00:00:00Z', value: '2.5' },
  ],
}
const SHOWN = {
  from: '2026-03-01T00:00:00Z',
  to: '2026-03-06T00:00:00Z',
  label: 'Requests',
  now: Date.parse('2026-03-04T12:00:00Z'),
}

test('days without usage are zero and days to come are empty', () => {
  const { series, unit } = seriesOf(USAGE, { ...SHOWN, view: 'each' })

  expect(unit).toBe('requests')
  expect(series[0]?.values).toEqual(['10', '0', '2.5', '0', null])
})

test('the running total adds up exactly and stops at the present', () => {
  const { series } = seriesOf(USAGE, { ...SHOWN, view: 'total' })

  expect(series[0]?.values).toEqual(['10', '10', '12.5', '12.5', null])
  expect(totalWords(seriesOf(USAGE, { ...SHOWN, view: 'total' }))).toBe(
    '12.5 requests so far, since Mar 1, 2026.',
  )
})

test('a spreadsheet gets a heading and every bucket, those to come without a value', () => {
  const rows = usageRows(seriesOf(USAGE, { ...SHOWN, view: 'each' }))

  expect(rows[0]).toEqual(['from', 'Requests'])
  expect(rows[1]).toEqual(['2026-03-01T00:00:00.000Z', '10'])
  expect(rows.at(-1)).toEqual(['2026-03-05T00:00:00.000Z', ''])
})

test('shares are of the sum, and nothing is a share of nothing', () => {
  const part = (id: string, value: string) => ({ id, name: id, value })

  expect(sharesOf([part('a', '3'), part('b', '1')]).map(({ share }) => share)).toEqual([0.75, 0.25])
  expect(sharesOf([part('a', '0')])[0]?.share).toBe(0)
})

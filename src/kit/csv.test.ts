import { expect, test } from 'vitest'
import { csvOf, toCsv } from './csv.ts'

test('cells with separators are quoted, and quotes doubled', () => {
  expect(toCsv([['a', 'b, c', 'd "e"', 'f\ng']])).toBe('a,"b, c","d ""e""","f\ng"\r\n')
})

test('what a spreadsheet would run is made text, numbers stay numbers', () => {
  expect(toCsv([['=1+1', '@x', '-5', '-x', '0.5']])).toBe("'=1+1,'@x,-5,'-x,0.5\r\n")
})

test('rows become lines, parts columns, money major units of its currency', () => {
  const row = (amountMinor: number, currency: string, churn: string | null) => ({
    group: '2026-03',
    currency,
    net: { amountMinor, currency },
    rates: { churn },
  })

  expect(csvOf([row(2900, 'usd', '0.1000'), row(2900, 'jpy', null)])).toBe(
    'group,currency,net,rates.churn\r\n2026-03,usd,29.00,0.1000\r\n2026-03,jpy,2900,\r\n',
  )
  expect(csvOf([])).toBe('')
})

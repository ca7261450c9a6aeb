import { expect, test } from 'vitest'
import { toCsv } from './csv.ts'

test('cells with separators are quoted, and quotes doubled', () => {
  expect(toCsv([['a', 'b, c', 'd "e"', 'f\ng']])).toBe('a,"b, c","d ""e""","f\ng"\r\n')
})

test('what a spreadsheet would run is made text, numbers stay numbers', () => {
  expect(toCsv([['=1+1', '@x', '-5', '-x', '0.5']])).toBe("'=1+1,'@x,-5,'-x,0.5\r\n")
})

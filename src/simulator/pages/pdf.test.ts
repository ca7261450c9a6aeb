import fc from 'fast-check'
import { expect, test } from 'vitest'
import { widthOf, wrap } from './pdf.ts'

test('wrapped lines fit their width and lose no character', () => {
  const words = fc.array(fc.string({ minLength: 1, maxLength: 60, unit: 'binary-ascii' }))
  fc.assert(
    fc.property(words, fc.integer({ min: 40, max: 400 }), fc.boolean(), (parts, width, isBold) => {
      const text = parts.join(' ')

      const lines = wrap(text, width, 10, isBold)

      for (const line of lines) expect(widthOf(line, 10, isBold)).toBeLessThanOrEqual(width)
      expect(lines.join('').replaceAll(/\s/g, '')).toBe(text.replaceAll(/\s/g, ''))
    }),
  )
})

test('figures are equally wide, so that columns of amounts line up', () => {
  const widths = Array.from('0123456789', (digit) => widthOf(digit, 10, false))

  expect(new Set(widths)).toEqual(new Set([5.56]))
  expect(widthOf('$29.00', 10, true)).toBeCloseTo(30.58)
})

import fc from 'fast-check'
import { expect, test } from 'vitest'
import { sparklinePath } from './sparkline-path.ts'

test('every point lies inside the box, whatever the values', () => {
  const series = fc.array(fc.double({ noNaN: true, min: -1e12, max: 1e12 }), { minLength: 1 })

  fc.assert(
    fc.property(series, (values) => {
      const numbers =
        sparklinePath(values)
          .line.match(/-?[\d.]+/g)
          ?.map(Number) ?? []
      return numbers.every((n) => n >= 0 && n <= 100)
    }),
  )
})

test('the floor is zero: a quarter of the peak stands at a quarter of the height', () => {
  expect(sparklinePath([0, 25, 100]).line).toBe('M0 30.5L50 23.25L100 1.5')
})

test('one value is a level line and none is nothing', () => {
  expect(sparklinePath([5]).line).toBe('M0 1.5L100 1.5')
  expect(sparklinePath([]).line).toBe('')
})

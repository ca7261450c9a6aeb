import fc from 'fast-check'
import { expect, test } from 'vitest'
import { LineTemplate } from './line-template.ts'

const number = fc.oneof(
  fc.nat(12),
  fc.nat(),
  fc.integer({ min: 0, max: 10 ** 12 }),
  fc.constantFrom(0.5, 99.25, 1_000.125),
)

test('a template shows the numbers it was set to last, whatever stood there before', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(number, number), { minLength: 1 }), (settings) => {
      const template = new LineTemplate(['Used: ', '\r\nLeft: ', '\r\n'])
      for (const [used, left] of settings) {
        template.set(Float64Array.of(used, left))

        expect(template.bytes.toString('latin1')).toBe(`Used: ${used}\r\nLeft: ${left}\r\n`)
      }
    }),
  )
})

test('a template without numbers is its text', () => {
  const template = new LineTemplate(['Nothing: here\r\n'])

  template.set(new Float64Array(0))

  expect(template.bytes.toString('latin1')).toBe('Nothing: here\r\n')
})

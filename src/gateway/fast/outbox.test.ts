import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Answer, Outbox } from './outbox.ts'

test('an answer is not written over before it has left, however many wait and in whatever order they leave', () => {
  const steps = fc.array(fc.record({ length: fc.nat(100_000), leaves: fc.nat(3) }), {
    maxLength: 60,
  })
  fc.assert(
    fc.property(steps, (all) => {
      const outbox = new Outbox()
      const waiting: { answer: Answer; mark: number }[] = []
      for (const [mark, { length, leaves }] of all.entries()) {
        const answer = new Answer()
        outbox.reserve(length, answer)
        answer.end += length
        answer.bytes?.fill(mark, answer.start, answer.end)
        waiting.push({ answer, mark })
        for (const left of waiting.splice(leaves % 2, leaves)) {
          const { bytes, start, end } = left.answer
          expect(bytes?.subarray(start, end).every((byte) => byte === left.mark)).toBe(true)
          outbox.release(left.answer)
        }
      }
    }),
  )
})

import { expect, test } from 'vitest'
import { createRequestIds, ID_END, ID_START } from './request-id.ts'

test('request ids of a process differ, sort in the order they were made and say their number', () => {
  const ids = createRequestIds()
  const made: string[] = []
  const numbers: number[] = []

  for (let i = 0; i < 70_000; i++) {
    numbers.push(ids.next(1_900_000_000_000 + Math.floor(i / 1_000)))
    made.push(ids.line.toString('latin1', ID_START, ID_END))
  }

  expect(ids.line.toString('latin1')).toMatch(/^X-Request-Id: req_[0-9a-z]{23}\r\n$/)
  expect(new Set(made).size).toBe(made.length)
  expect(made.toSorted()).toEqual(made)
  expect(made.map((id) => ids.counterOf(id))).toEqual(numbers)
})

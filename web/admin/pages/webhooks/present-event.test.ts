import { expect, test } from 'vitest'
import { waitingIn } from './present-event.ts'

test('what needs a person comes before what settles by itself', () => {
  const backlog = [
    { state: 'received', count: 4 },
    { state: 'dead', count: 1 },
    { state: 'parked', count: 2 },
  ]

  expect(waitingIn(backlog).map(({ word, count }) => [word, count])).toEqual([
    ['given up', 1],
    ['parked', 2],
    ['received', 4],
  ])
})

test('states that wait for nothing do not count', () => {
  expect(waitingIn([{ state: 'processed', count: 900 }])).toEqual([])
  expect(waitingIn([{ state: 'failed', count: 0 }])).toEqual([])
})

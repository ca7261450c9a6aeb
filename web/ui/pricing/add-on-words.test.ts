import { expect, test } from 'vitest'
import { addOnNames, addOnSteps, addOnStepWords } from './add-on-words.ts'

const calls = (quantity: number) => ({ key: 'calls', name: 'Extra calls', quantity })
const support = { key: 'support', name: 'Support', quantity: 1 }

test('only what becomes more or less is told, in words that say what is there afterwards', () => {
  const steps = addOnSteps([calls(3), support], [calls(1), support])

  expect(steps.map(addOnStepWords)).toEqual(['Extra calls: 3 → 1'])
  expect(addOnNames(steps)).toBe('1 × Extra calls')
})

test('what comes and what goes is told apart', () => {
  const steps = addOnSteps([support], [calls(2)])

  expect(steps.map(addOnStepWords)).toEqual(['Support ends', '2 × Extra calls is added'])
  expect(addOnNames(steps)).toBe('Support and 2 × Extra calls')
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { operations } from '../../src/simulator/operations.ts'
import { testCardNumbers } from '../../src/simulator/payments/test-cards.ts'
import { DEFAULT_SETTINGS } from '../../src/simulator/store/settings.ts'
import { useSimulator } from './support.ts'

const simulator = useSimulator()
const text = readFileSync(join(import.meta.dirname, '../../docs/simulator.md'), 'utf8')

test('the document names every route of the control API', async () => {
  const response = await fetch(`${simulator.url}/_sim/none`)
  const { error } = (await response.json()) as { error: { message: string } }
  const routes = [...error.message.matchAll(/(?:GET|POST) \/_sim\/[\w/{}]+/g)].map(
    ([route]) => route,
  )

  expect(response.status).toBe(404)
  expect(routes.length).toBeGreaterThan(20)
  expect(routes.filter((route) => route !== 'GET /_sim/none' && !text.includes(route))).toEqual([])
})

test('the document names every setting and says how many operations there are', () => {
  expect(Object.keys(DEFAULT_SETTINGS).filter((name) => !text.includes(`\`${name}\``))).toEqual([])
  const count = operations.flatMap((group) => Object.keys(group)).length
  expect(text).toContain(`${count} operations`)
})

/** Ordinary cards of other brands, and second numbers of brands, are not worth a row each. */
const ORDINARY = /^(?:4000056655665556|2223|5\d{3}|37|6011|3056|3566|62)/

test('the document describes every card that does something of its own', () => {
  const special = testCardNumbers().filter((number) => !ORDINARY.test(number))
  const spelled = special.map((number) => number.replaceAll(/(\d{4})(?=\d)/g, '$1 '))
  expect(spelled.length).toBeGreaterThan(20)
  expect(spelled.filter((number) => !text.includes(number))).toEqual([])
})

import { beforeAll, expect, test } from 'vitest'
import { contract } from '../../src/api/contract/contract.ts'
import type { RouteDefinition } from '../../src/api/contract/route.ts'
import { ERRORS } from '../../src/errors.ts'
import { SECOND_MS } from '../../src/kit/instant.ts'
import { openTestConsole, type Person, type TestConsole } from '../support/console.ts'

let console: TestConsole
let operator: Person
let owner: Person

beforeAll(async () => {
  console = await openTestConsole()
  operator = await console.operator('super_admin')
  owner = await console.member('Owner')
})

const routes: [string, RouteDefinition][] = Object.entries(contract)
const personFor = ({ access }: RouteDefinition) =>
  access.kind === 'operator' ? operator : access.kind === 'public' ? undefined : owner

async function ask(definition: RouteDefinition, body?: unknown) {
  const path = definition.path.replaceAll(/\{\w+\}/g, 'never_was')
  const as = personFor(definition)
  console.clock.advance(SECOND_MS)
  return console.send(definition.method.toUpperCase(), path, { ...(as && { as }), body })
}

test.each(routes.filter(([, { params, body }]) => params !== undefined && body === undefined))(
  '%s answers what never was with a known refusal',
  async (_, definition) => {
    const { status, json } = await ask(definition)

    expect(json).toMatchObject({ status, type: expect.stringContaining(String(json['code'])) })
    expect(Object.keys(ERRORS)).toContain(json['code'])
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
  },
)

// Bodies in which anything goes are judged part by part: events, one by one.
const ANYTHING_GOES = new Set(['sendEvents'])

test.each(routes.filter(([name, { body }]) => body !== undefined && !ANYTHING_GOES.has(name)))(
  '%s says which values of a body it cannot take',
  async (_, definition) => {
    const { status, json } = await ask(definition, { 'no such member': { deep: [] } })

    expect([status, json['code']]).toEqual([400, 'invalid_request'])
    expect((json['errors'] as unknown[]).length).toBeGreaterThan(0)
  },
)

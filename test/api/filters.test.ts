import { beforeAll, expect, test } from 'vitest'
import { contract } from '../../src/api/contract/contract.ts'
import type { RouteDefinition } from '../../src/api/contract/route.ts'
import { openTestConsole, type Person, type TestConsole } from '../support/console.ts'

/** What narrows the lists of the admin center; every filter excludes something here. */
let console: TestConsole
let admin: Person
let ids: string[]

async function list(path: string): Promise<Record<string, unknown>[]> {
  const { json } = await console.send('GET', path, { as: admin })
  return json['data'] as Record<string, unknown>[]
}

beforeAll(async () => {
  console = await openTestConsole()
  admin = await console.operator('super_admin')
  const created = await Promise.all(
    ['Ada Ltd', 'Bob Inc', 'Cy GmbH'].map((name) =>
      console.send('POST', '/api/v1/customers', { as: admin, body: { name } }),
    ),
  )
  ids = created.map(({ json }) => json['id'] as string)
  const meter = {
    key: 'calls',
    name: 'Calls',
    eventType: 'call',
    aggregation: 'count',
    unit: 'call',
  }
  await console.send('POST', '/api/v1/meters', { as: admin, body: meter })
})

test('customers can be asked for by their ids, together', async () => {
  const [ada, , cy] = ids
  const found = await list(`/api/v1/customers?ids=${ada},${cy}`)

  expect(new Set(found.map(({ name }) => name))).toEqual(new Set(['Ada Ltd', 'Cy GmbH']))
  const nobody = await console.send('GET', '/api/v1/customers?ids=', { as: admin })
  expect(nobody.status).toBe(400)
})

test('audit entries are narrowed by action, by its noun and by who acted', async () => {
  const actions = async (query: string) =>
    (await list(`/api/v1/audit-entries?${query}`)).map(({ action }) => action)

  expect(await actions('action=meter')).toEqual(['meter.created'])
  expect(await actions('action=customer.created')).toEqual(Array(3).fill('customer.created'))
  expect(await actions('action=met')).toEqual([])
  expect(await actions('actorKind=stripe')).toEqual([])
})

test('a cursor that no page has given out is a mistake, in every listing', async () => {
  const listings = Object.values(contract).filter(
    ({ method, path, query }: RouteDefinition) =>
      method === 'get' &&
      !path.includes('{') &&
      !path.startsWith('/api/v1/portal') &&
      query !== undefined &&
      'cursor' in query.shape,
  )
  const answers = await Promise.all(
    listings.flatMap(({ path }) =>
      ['no cursor', 'a\0b', '99999999999999999 audit x', ''].map(async (sortKey) => {
        const cursor = Buffer.from(sortKey).toString('base64url')
        const { status, json } = await console.send('GET', `${path}?cursor=${cursor}`, {
          as: admin,
        })
        return [path, status, json['code']]
      }),
    ),
  )

  expect(listings.length).toBeGreaterThan(15)
  for (const answer of answers) expect(answer.slice(1)).toEqual([400, 'invalid_request'])
})

import { beforeAll, expect, test } from 'vitest'
import { contract } from '../../src/api/contract/contract.ts'
import type { Access, RouteDefinition } from '../../src/api/contract/route.ts'
import { SECOND_MS } from '../../src/kit/instant.ts'
import { hasPermission, type Role } from '../../src/domain/operators/operator.ts'
import { openTestConsole, type Person, type TestConsole } from '../support/console.ts'

const ROLES: readonly Role[] = [
  'super_admin',
  'support_admin',
  'finance_admin',
  'developer',
  'read_only',
]
const ANSWERS_OF_A_DOOR = new Set([
  'not_signed_in',
  'permission_missing',
  'role_not_allowed',
  'no_account',
  'cross_site_request',
])

let console: TestConsole
const operators = new Map<Role, Person>()
let owner: Person
let viewer: Person

beforeAll(async () => {
  console = await openTestConsole()
  for (const role of ROLES) operators.set(role, await console.operator(role))
  owner = await console.member('Owner')
  const looker = await console.member('Viewer')
  await console.database.db
    .updateTable('members')
    .set({ role: 'viewer' })
    .where('userId', '=', looker.id)
    .execute()
  viewer = looker
})

const routes: [string, RouteDefinition][] = Object.entries(contract)
const pathOf = ({ path }: RouteDefinition) => path.replaceAll(/\{\w+\}/g, 'does_not_exist')
/** Whether the request got past the door: whatever is wrong with it afterwards. */
const isLetIn = async (definition: RouteDefinition, as?: Person) => {
  const body = definition.body === undefined ? undefined : {}
  const { json } = await console.send(definition.method.toUpperCase(), pathOf(definition), {
    body,
    ...(as && { as }),
  })
  return !ANSWERS_OF_A_DOOR.has(json['code'] as string)
}

/** Who may pass, by the contract's own words; the table below is compared with what really happens. */
const expected = (access: Access) => ({
  nobody: access.kind === 'public',
  owner: access.kind !== 'operator',
  viewer: access.kind === 'member' ? access.roles.includes('viewer') : access.kind !== 'operator',
  ...Object.fromEntries(
    ROLES.map((role) => [
      role,
      access.kind === 'operator'
        ? hasPermission([role], access.permission)
        : access.kind === 'public',
    ]),
  ),
})

test.each(routes)('%s lets in exactly those its access names', async (_, definition) => {
  // All of them together ask more often than one address may within a minute.
  console.clock.advance(SECOND_MS)
  const found = {
    nobody: await isLetIn(definition),
    owner: await isLetIn(definition, owner),
    viewer: await isLetIn(definition, viewer),
    ...Object.fromEntries(
      await Promise.all(
        ROLES.map(async (role) => [role, await isLetIn(definition, operators.get(role))]),
      ),
    ),
  }

  expect(found).toEqual(expected(definition.access))
})

test('what is open to everyone is a short list that is known', () => {
  const open = routes.filter(([, { access }]) => access.kind === 'public').map(([name]) => name)

  expect(open.toSorted()).toEqual(['getStatus', 'listMailbox', 'listOfferedPlans'])
})

// An estimate and a comparison of catalogs are asked with a body, and write nothing.
test('the permission to read changes nothing but the own tokens', () => {
  const changing = routes.filter(([, { method, access }]) => {
    return method !== 'get' && access.kind === 'operator' && access.permission === 'read'
  })

  expect(changing.map(([name]) => name)).toEqual([
    'diffCatalog',
    'estimateCost',
    'issueToken',
    'revokeToken',
  ])
})

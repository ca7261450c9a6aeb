import { beforeAll, expect, test } from 'vitest'
import type { AccessChange } from '../../src/domain/entitlements/access-changes.ts'
import { createAccessChanges } from '../../src/domain/entitlements/access-changes.service.ts'
import { openTestConsole, type Person, type TestConsole } from '../support/console.ts'

let console: TestConsole
let admin: Person
const heard: AccessChange[] = []

const UPSTREAM = { targets: [{ url: 'https://api.example.com/base' }] }
const SEARCH = { match: { kind: 'prefix', path: '/search' }, upstreamKey: 'api' }

beforeAll(async () => {
  console = await openTestConsole()
  admin = await console.operator('super_admin')
  createAccessChanges(console.database).subscribe((change) => heard.push(change))
})

const put = (path: string, body: unknown) => console.send('PUT', path, { as: admin, body })

test('a route is made, read, changed and removed over REST, each time in the audit log', async () => {
  await put('/api/v1/upstreams/api', UPSTREAM)
  await expect.poll(() => heard).toEqual([{ kind: 'routes' }])
  heard.length = 0
  const made = await put('/api/v1/routes/search', SEARCH)
  const priced = await put('/api/v1/routes/search', {
    ...SEARCH,
    policy: { meters: { requests: '2.5' }, idempotency: 'once' },
  })
  const read = await console.send('GET', '/api/v1/routes/search', { as: admin })
  const listed = await console.send('GET', '/api/v1/routes', { as: admin })
  const removed = await console.send('DELETE', '/api/v1/routes/search', { as: admin })
  const gone = await console.send('GET', '/api/v1/routes/search', { as: admin })

  expect(made).toMatchObject({ status: 200, json: { key: 'search', isEnabled: true, methods: [] } })
  expect(read.json).toEqual(priced.json)
  expect(read.json).toMatchObject({
    policy: { meters: { requests: '2.5' }, idempotency: 'once', meterOnStatusCodes: '200-299' },
  })
  expect(listed.json['data']).toHaveLength(1)
  expect([removed.status, gone.status]).toEqual([200, 404])
  const { data } = await console.domain.audit.list('test', { targetKind: 'route' }, { limit: 10 })
  expect(data.map(({ action }) => action)).toEqual(['route.removed', 'route.saved', 'route.saved'])
  await expect
    .poll(() => heard)
    .toEqual([{ kind: 'routes' }, { kind: 'routes' }, { kind: 'routes' }])
})

test('every mistake of a route is named by the field that was sent, and nothing changes', async () => {
  await put('/api/v1/upstreams/api', UPSTREAM)
  const { status, json } = await put('/api/v1/routes/broken', {
    match: { kind: 'prefix', path: '/a/../b' },
    upstreamKey: 'gone',
    policy: { meterOnStatusCodes: '*', timeoutMs: 0 },
  })

  expect(status).toBe(400)
  expect((json['errors'] as { path: string }[]).map(({ path }) => path)).toEqual([
    'match.path',
    'policy.meterOnStatusCodes',
    'policy.timeoutMs',
    'upstreamKey',
  ])
  const { json: routes } = await console.send('GET', '/api/v1/routes', { as: admin })
  expect(routes['data']).toEqual([])
})

test('an upstream in use cannot be removed, one that is not used can', async () => {
  await put('/api/v1/upstreams/spare', UPSTREAM)
  await put('/api/v1/routes/search', { ...SEARCH, upstreamKey: 'spare' })
  const inUse = await console.send('DELETE', '/api/v1/upstreams/spare', { as: admin })
  await console.send('DELETE', '/api/v1/routes/search', { as: admin })
  const removed = await console.send('DELETE', '/api/v1/upstreams/spare', { as: admin })

  expect(inUse).toMatchObject({ status: 409, json: { code: 'upstream_in_use' } })
  expect(removed.status).toBe(200)
})

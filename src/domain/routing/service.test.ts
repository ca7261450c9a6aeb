import { afterEach, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { createManualClock } from '../../kit/clock.ts'
import { systemCaller } from '../audit/caller.ts'
import { type Audit, createAudit } from '../audit/service.ts'
import type { AccessChange } from '../entitlements/access-changes.ts'
import { createAccessChanges } from '../entitlements/access-changes.service.ts'
import { routeFrom, upstreamFrom, type Routing } from './route.ts'
import { createRouting, type RoutingService } from './service.ts'

const CALLER = systemCaller('test')
const ROUTING: Routing = {
  upstreams: [upstreamFrom({ key: 'api', url: 'https://api.example.com/base' })],
  routes: [
    routeFrom({
      key: 'all',
      match: { kind: 'prefix', path: '/' },
      upstreamKey: 'api',
      policy: { meters: { requests: '1' } },
    }),
  ],
}

let routing: RoutingService
let audit: Audit
let heard: AccessChange[]
let unsubscribe: () => void

beforeEach(async () => {
  const database = await testDatabase()
  const clock = createManualClock(Date.UTC(2026, 2, 1))
  const accessChanges = createAccessChanges(database)
  heard = []
  unsubscribe = accessChanges.subscribe((change) => heard.push(change))
  audit = createAudit({ database, clock, timeIn: (_, at) => at })
  routing = createRouting({ database, clock, audit, accessChanges })
})

afterEach(() => unsubscribe())

test('a configuration applied twice changes nothing the second time', async () => {
  const first = await routing.replace(CALLER, ROUTING)
  const second = await routing.replace(CALLER, ROUTING)

  expect(first).toEqual(ROUTING)
  expect(second).toEqual(ROUTING)
  expect((await audit.list('test', {}, { limit: 10 })).data).toHaveLength(1)
})

test('gateways hear of every change of routes', async () => {
  await routing.replace(CALLER, ROUTING)
  const [route] = ROUTING.routes
  let position = 1

  // On a server the first news may come before the listener does.
  await expect
    .poll(async () => {
      await routing.saveRoute(CALLER, { ...route!, position: position++ })
      return heard.at(-1)
    })
    .toEqual({ kind: 'routes' })
})

test('every mistake of a configuration is named and nothing of it is applied', async () => {
  await routing.replace(CALLER, ROUTING)
  const broken: Routing = {
    upstreams: [upstreamFrom({ key: 'API', url: 'ftp://x' })],
    routes: [
      routeFrom({
        key: 'all',
        match: { kind: 'prefix', path: '/a/../b' },
        upstreamKey: 'gone',
        policy: { meters: { requests: '-1' }, meterOnStatusCodes: '*', timeoutMs: 0 },
      }),
    ],
  }

  const failure = await routing.replace(CALLER, broken).catch((error: unknown) => error)

  const { errors } = (failure as { extras: { errors: { path: string }[] } }).extras
  expect(errors.map(({ path }) => path)).toEqual([
    'upstreams[0].key',
    'upstreams[0].targets[0].url',
    'routes[0].match.path',
    'routes[0].policy.meters.requests',
    'routes[0].policy.meterOnStatusCodes',
    'routes[0].policy.timeoutMs',
    'routes[0].upstreamKey',
  ])
  expect(await routing.current()).toEqual(ROUTING)
})

test('an upstream in use stays, and what does not exist cannot be removed', async () => {
  await routing.replace(CALLER, ROUTING)

  await expect(routing.removeUpstream(CALLER, 'api')).rejects.toMatchObject({
    code: 'upstream_in_use',
  })
  await expect(routing.removeRoute(CALLER, 'other')).rejects.toMatchObject({ code: 'not_found' })
})

test('one route is saved without touching the others', async () => {
  await routing.replace(CALLER, ROUTING)
  const search = routeFrom({
    key: 'search',
    match: { kind: 'exact', path: '/search' },
    upstreamKey: 'api',
    policy: { meters: { requests: '5' } },
  })

  await routing.saveRoute(CALLER, search)

  expect((await routing.current()).routes).toEqual([...ROUTING.routes, search])
})

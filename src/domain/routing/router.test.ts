import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonicalPath } from './path.ts'
import { routeFrom, type Route, type RouteInput } from './route.ts'
import { createRouter } from './router.ts'

const aRoute = (key: string, match: RouteInput['match'], rest: Partial<RouteInput> = {}): Route =>
  routeFrom({ key, match, upstreamKey: 'api', ...rest })
const prefix = (path: string) => ({ kind: 'prefix', path }) as const
const exact = (path: string) => ({ kind: 'exact', path }) as const
const pattern = (path: string) => ({ kind: 'pattern', path }) as const

function find(routes: readonly Route[], path: string, { host = 'x', method = 'GET' } = {}) {
  const routed = createRouter(routes).find(host, method, path)
  return routed.kind === 'found' ? `${routed.route.key} ${routed.path}` : routed.kind
}

test('a prefix takes itself and what is below it, never a longer word', () => {
  const routes = [aRoute('a', prefix('/v1'))]

  expect(find(routes, '/v1')).toBe('a /v1')
  expect(find(routes, '/v1/x/y')).toBe('a /v1/x/y')
  expect(find(routes, '/v10')).toBe('not_found')
  expect(find(routes, '/')).toBe('not_found')
  expect(find([aRoute('all', prefix('/'))], '/anything')).toBe('all /anything')
})

test('position decides first, then how much of the path a route names', () => {
  const routes = [
    aRoute('all', prefix('/')),
    aRoute('v1', prefix('/v1')),
    aRoute('item', pattern('/v1/items/{id}')),
    aRoute('special', exact('/v1/items/special')),
    aRoute('late', exact('/v1/late'), { position: 9 }),
  ]

  expect(find(routes, '/v1/items/special')).toBe('special /v1/items/special')
  expect(find(routes, '/v1/items/7')).toBe('item /v1/items/7')
  expect(find(routes, '/v1/items/7/parts')).toBe('v1 /v1/items/7/parts')
  expect(find(routes, '/v1/late')).toBe('v1 /v1/late')
  expect(find(routes, '/v2')).toBe('all /v2')
})

test('a rewrite replaces what was matched and keeps the rest', () => {
  expect(find([aRoute('a', prefix('/api'), { rewrite: '/v2' })], '/api/x')).toBe('a /v2/x')
  expect(find([aRoute('a', prefix('/api'), { rewrite: '/' })], '/api')).toBe('a /')
  expect(find([aRoute('a', prefix('/'), { rewrite: '/base' })], '/x')).toBe('a /base/x')
  expect(find([aRoute('a', exact('/ping'), { rewrite: '/health' })], '/ping')).toBe('a /health')
  const items = aRoute('a', pattern('/items/{id}/*'), { rewrite: '/i/{id}/*' })
  expect(find([items], '/items/7/parts/3')).toBe('a /i/7/parts/3')
})

test('hosts match exactly or below a name, and a method that no route takes is told apart', () => {
  const routes = [
    aRoute('one', prefix('/'), { host: 'api.example.com' }),
    aRoute('many', prefix('/'), { host: '*.example.org', methods: ['GET', 'POST'] }),
  ]

  expect(find(routes, '/x', { host: 'api.example.com' })).toBe('one /x')
  expect(find(routes, '/x', { host: 'a.b.example.org' })).toBe('many /x')
  expect(find(routes, '/x', { host: 'example.org' })).toBe('not_found')
  expect(find(routes, '/x', { host: 'a.example.org', method: 'PUT' })).toBe('wrong_method')
})

test('grouping routes by their first segment never changes which one is found', () => {
  const segment = fc.constantFrom('a', 'b', '{x}', '*')
  const aMatch = fc
    .tuple(fc.constantFrom('exact', 'prefix', 'pattern'), fc.array(segment, { maxLength: 3 }))
    .map(([kind, parts]) => {
      const literal = parts.map((part) => (kind === 'pattern' ? part : part.replace(/\W.*/, 'c')))
      const words = literal.filter((part, i) => part !== '*' || i === literal.length - 1)
      return { kind, path: `/${words.filter(Boolean).join('/')}` }
    })
  const paths = fc
    .array(fc.constantFrom('a', 'b', 'c', 'd'), { maxLength: 4 })
    .map((parts) => `/${parts.join('/')}`)

  fc.assert(
    fc.property(fc.array(aMatch, { minLength: 1, maxLength: 8 }), paths, (matches, path) => {
      const routes = matches.map((match, i) => aRoute(`r${i}`, match))
      const alone = routes.filter((route) => find([route], path) !== 'not_found')
      const found = find(routes, path)
      expect(found === 'not_found').toBe(alone.length === 0)
      const winner = alone.find((one) =>
        alone.every((other) => find([one, other], path) === find([one], path)),
      )
      if (winner !== undefined) expect(found).toBe(find([winner], path))
    }),
  )
})

test('a path has one reading or none', () => {
  expect(canonicalPath('/v1/a%20b')).toBe('/v1/a%20b')
  expect(canonicalPath('/v1/%61dmin')).toBe('/v1/admin')
  expect(canonicalPath('/v1/a%2fb')).toBe('/v1/a%2Fb')
  expect(canonicalPath('/.well-known/x')).toBe('/.well-known/x')
  for (const path of [
    '/a/../b',
    '/a/.',
    '/./a',
    '/..',
    '/a/%2e%2E/b',
    '//a',
    '/a//b',
    '/a\\b',
    '/a%5cb',
    '/a%00',
    '/a%2',
    '/%zz',
    'a',
    '',
  ]) {
    expect(canonicalPath(path), path).toBeUndefined()
  }
})

test('the canonical form is a fixed point', () => {
  fc.assert(
    fc.property(fc.webPath(), (path) => {
      const once = canonicalPath(path === '' ? '/' : path)
      if (once !== undefined) expect(canonicalPath(once)).toBe(once)
    }),
  )
})

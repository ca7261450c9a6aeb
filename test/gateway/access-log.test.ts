import { readFileSync, renameSync } from 'node:fs'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { createAccessLog } from '../../src/gateway/access-log.ts'
import { Exchange } from '../../src/gateway/exchange.ts'
import { createRequestIds } from '../../src/gateway/request-id.ts'
import { systemClock } from '../../src/kit/clock.ts'
import { createLog } from '../../src/platform/log.ts'
import { until } from '../support/until.ts'
import { anAccess, anUpstream, aSecret, aWorld, call, METERED } from './harness.ts'

function aFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'farebox-access-log-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return join(folder, 'access.log')
}

type Line = Record<string, unknown>

function read(file: string): Line[] {
  try {
    const lines = readFileSync(file, 'utf8').split('\n')
    return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as Line)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return []
    throw error
  }
}

const lines = (file: string, count: number) =>
  until(
    () => Promise.resolve(read(file)),
    (found) => found.length >= count,
  )

test('every request is one line: passed, refused and unreadable, in both lanes, without key or query', async () => {
  const file = aFile()
  const upstream = await anUpstream((_request, response) => void response.end('0123456789'))
  const world = await aWorld({
    upstream: upstream.url,
    accessLog: { target: file, hasQuery: false },
  })
  world.access.put(aSecret(), anAccess(1))

  const fast = await call(world, '/a"b?secret=1')
  const slow = await call(world, '/slow', { method: 'POST', headers: { expect: '100-continue' } })
  const refused = await call(world, '/none', { key: aSecret(9) })
  await call(world, '/bad', { method: 'GET', headers: { 'transfer-encoding': 'bogus' } }).catch(
    () => undefined,
  )
  const logged = await lines(file, 4)

  expect(logged.slice(0, 3)).toMatchObject([
    {
      requestId: fast.headers['x-request-id'],
      keyId: 'key_1',
      customerId: 'customer_1',
      route: 'all',
      method: 'GET',
      status: 200,
      code: null,
      bytes: 10,
      upstream: 'api',
      cost: { requests: '1' },
    },
    { requestId: slow.headers['x-request-id'], method: 'POST', path: '/slow', bytes: 10 },
    {
      requestId: refused.headers['x-request-id'],
      keyId: null,
      status: 401,
      code: 'invalid_api_key',
      bytes: Buffer.byteLength(refused.text),
      upstream: null,
      cost: {},
    },
  ])
  expect(logged[3]).toMatchObject({ route: null, code: 'malformed_request', upstream: null })
  expect(readFileSync(file, 'utf8')).not.toMatch(/secret=1|fb_test_/)
  expect(Date.parse(String(logged[0]?.['time']))).toBeGreaterThan(Date.now() - 60_000)
})

test('queries are logged where that is asked for', async () => {
  const file = aFile()
  const upstream = await anUpstream()
  const world = await aWorld({
    upstream: upstream.url,
    accessLog: { target: file, hasQuery: true },
  })
  world.access.put(aSecret(), anAccess(1))

  await call(world, '/x?page=2')

  expect(await lines(file, 1)).toMatchObject([{ path: '/x?page=2' }])
})

test('workers write whole lines into one file, and a file moved away is followed by a new one', async () => {
  const file = aFile()
  const upstream = await anUpstream()
  const world = await aWorld({
    upstream: upstream.url,
    routes: [METERED],
    workers: 2,
    accessLog: { target: file, hasQuery: false },
  })
  world.access.put(aSecret(), anAccess(1))

  await Promise.all(Array.from({ length: 200 }, () => call(world, '/before')))
  const before = await lines(file, 200)
  renameSync(file, `${file}.1`)
  await until(
    async () => {
      await call(world, '/after')
      return read(file)
    },
    (found) => found.length > 0,
  )

  expect(before).toHaveLength(200)
  expect(read(file).every(({ path }) => path === '/after')).toBe(true)
})

test('where nothing can be written, lines are dropped and counted, and nobody waits', async () => {
  const logged: string[] = []
  const log = createLog({ level: 'error', format: 'json', write: (line) => logged.push(line) })
  const accessLog = createAccessLog({
    target: '/nonexistent/folder/access.log',
    hasQuery: false,
    clock: systemClock,
    log,
  })
  const exchange = new Exchange({ decided: () => undefined }, () => undefined)
  exchange.lines.add(createRequestIds().line)
  for (let i = 0; i < 100_000; i++) accessLog.note(exchange, 0, 200, [])

  await accessLog.close()

  expect(accessLog.takeDropped()).toBe(100_000)
  expect(accessLog.takeDropped()).toBe(0)
  expect(logged.filter((line) => line.includes('gateway.access_log_failed'))).toHaveLength(1)
})

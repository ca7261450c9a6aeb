import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, onTestFinished, test } from 'vitest'
import {
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  call,
  withQuotas,
} from '../../gateway/harness.ts'
import { switchable } from '../../gateway/switchable.ts'
import { startLoad } from './load.ts'

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
/** More rounds for a night: FAULT_ROUNDS=40 npm run test:faults -- test/faults/gateway */
const ROUNDS = Number(process.env['FAULT_ROUNDS'] ?? 1)
const CLIENTS = 16
const folder = mkdtempSync(join(tmpdir(), 'farebox-faults-'))

afterAll(() => rmSync(folder, { recursive: true, force: true }))

// What the caller got was billed; what was billed was served. In between lies only what was under way when it died.
test('kill -9 of the whole gateway with its database loses no call and bills none twice', async () => {
  const upstream = await anUpstream()
  let gateway = await startProcess(upstream.url, 1)
  onTestFinished(() => void gateway.process.kill('SIGKILL'))
  const load = startLoad(() => gateway.url, CLIENTS)

  for (let round = 0; round < ROUNDS; round++) {
    await sleep(300 + Math.random() * 1_200)
    gateway.process.kill('SIGKILL')
    gateway = await startProcess(upstream.url, 1)
  }
  await expect.poll(() => upstream.seen.length, { timeout: 20_000 }).toBeGreaterThan(200)
  const { acknowledged } = await load.stop()
  const counted = await gateway.count()

  expect(acknowledged).toBeGreaterThan(100)
  expect(counted).toBeGreaterThanOrEqual(acknowledged)
  expect(counted).toBeLessThanOrEqual(upstream.seen.length)
  expect(upstream.seen.length - acknowledged).toBeLessThanOrEqual((ROUNDS + 1) * CLIENTS)
}, 120_000)

test('a hard quota is exact over kills: what was let through and what is left add up', async () => {
  const upstream = await anUpstream()
  const limit = 700
  let gateway = await startProcess(upstream.url, 2, limit)
  onTestFinished(() => void gateway.process.kill('SIGKILL'))
  const load = startLoad(() => gateway.url, 8, 2)

  await expect.poll(() => upstream.seen.length, { timeout: 20_000 }).toBeGreaterThan(200)
  gateway.process.kill('SIGKILL')
  gateway = await startProcess(upstream.url, 2, limit)
  await expect.poll(() => gateway.count(), { timeout: 20_000 }).toBe(limit)
  await load.stop()

  // Calls that died unanswered were served and not billed; nothing else passes the limit.
  expect(await gateway.count()).toBe(limit)
  expect(upstream.seen.length).toBeLessThanOrEqual(limit + 8)
}, 60_000)

test('kill -9 of workers in mid-load loses no call and bills none twice', async () => {
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url, workers: 2 })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000_000))))
  const load = startLoad(() => world.gateway.url, CLIENTS)
  const pids = () =>
    world.logged
      .map((line) => JSON.parse(line) as { event: string; pid: number })
      .filter(({ event }) => event === 'gateway.worker_started')
      .map(({ pid }) => pid)

  for (let round = 0; round < ROUNDS; round++) {
    await sleep(400)
    process.kill(pids().at(-1)!, 'SIGKILL')
    await expect.poll(() => pids().length, { timeout: 20_000 }).toBe(3 + round)
  }
  await sleep(300)
  const { acknowledged } = await load.stop()
  await expect
    .poll(() => world.logged.filter((line) => line.includes('producer_retired')).length, {
      timeout: 8_000,
    })
    .toBe(ROUNDS)
  const counted = await world.counted()

  expect(acknowledged).toBeGreaterThan(100)
  expect(counted).toBeGreaterThanOrEqual(acknowledged)
  expect(counted).toBeLessThanOrEqual(upstream.seen.length)
}, 60_000)

test('what is leased for a worker that is dead and retired by then comes back', async () => {
  const upstream = await anUpstream()
  const { quotas } = await switchable()
  let gate: Promise<void> | undefined
  const world = await aWorld({
    upstream: upstream.url,
    workers: 1,
    quotas: {
      ...quotas,
      async lease(producerId, asks) {
        await gate
        return quotas.lease(producerId, asks)
      },
    },
  })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(10))))
  const loggedCount = (event: string) => world.logged.filter((line) => line.includes(event)).length
  const started = () =>
    JSON.parse(world.logged.find((l) => l.includes('worker_started'))!) as { pid: number }
  expect((await call(world, '/')).status).toBe(200)

  const { promise, resolve } = Promise.withResolvers<void>()
  gate = promise
  const unanswered = call(world, '/').catch(() => undefined)
  await sleep(100)
  process.kill(started().pid, 'SIGKILL')
  await unanswered
  await expect.poll(() => loggedCount('producer_retired'), { timeout: 8_000 }).toBe(1)
  gate = undefined
  resolve()
  await expect.poll(() => loggedCount('worker_started'), { timeout: 5_000 }).toBe(2)

  const statuses: number[] = []
  for (let n = 0; n < 10; n++) statuses.push((await call(world, '/')).status)
  expect(statuses).toEqual([...Array.from({ length: 9 }, () => 200), 403])
}, 60_000)

test('while the database is away known keys keep calling, and all of it is billed when it is back', async () => {
  const upstream = await anUpstream()
  const { state, metering, quotas } = await switchable()
  const world = await aWorld({ upstream: upstream.url, metering, quotas })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(1_000_000))))
  await call(world, '/')

  state.isDown = true
  world.access.failure = new Error('connection refused')
  const load = startLoad(() => world.gateway.url, 8)
  await sleep(2_500)
  const { acknowledged, refused } = await load.stop()
  const degraded = await world.gateway.readiness()
  state.isDown = false
  await expect
    .poll(async () => (await world.gateway.readiness()).usageBacklog, { timeout: 5_000 })
    .toBe(0)

  expect(refused).toBe(0)
  expect(acknowledged).toBeGreaterThan(100)
  expect(degraded.usageBacklog).toBeGreaterThan(0)
  expect(await world.counted()).toBe(acknowledged + 1)
}, 30_000)

test('a call repeated after kill -9 between its usage and its kept answer is billed and takes its quota once', async () => {
  const upstream = await anUpstream()
  const dying = await startProcess(upstream.url, 3, 2, 'dies')
  const headers = { 'idempotency-key': 'order-1' }
  const repeat = (at: Started) =>
    call({ gateway: at }, '/', { key: aSecret(3), method: 'POST', headers })

  const other = (at: Started) => call({ gateway: at }, '/', { key: aSecret(3) })

  const lost = await repeat(dying).then(
    ({ status }) => status,
    () => 'no answer',
  )
  const restarted = await startProcess(upstream.url, 3, 2, 'later')
  onTestFinished(() => void restarted.process.kill('SIGKILL'))
  const second = await repeat(restarted)
  const third = await repeat(restarted)

  expect(lost).toBe('no answer')
  expect([second.status, third.status]).toEqual([200, 200])
  expect(third.headers['idempotent-replayed']).toBe('true')
  expect(upstream.seen).toHaveLength(2)
  expect(await restarted.count()).toBe(1)
  const others = [await other(restarted), await other(restarted)]
  expect(others.map(({ status }) => status)).toEqual([200, 403])
}, 60_000)

interface Started {
  readonly process: ChildProcess
  readonly url: string
  count(): Promise<number>
}

/** `n` numbers the key and its subscription; its quota is `limit`. */
function startProcess(upstream: string, n: number, limit = 1_000_000, how = ''): Promise<Started> {
  const script = join(import.meta.dirname, 'gateway-process.ts')
  const child = fork(script, [folder, upstream, String(n), String(limit), how], {
    execArgv: [],
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  return new Promise((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`The gateway ended with ${code}`)))
    child.once('message', (message) => {
      const { url } = message as { url: string }
      const count = () =>
        new Promise<number>((tell) => {
          child.once('message', (answer) => tell((answer as { counted: number }).counted))
          child.send('count')
        })
      resolve({ process: child, url, count })
    })
  })
}

import { type ChildProcess, fork } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, onTestFinished, test } from 'vitest'
import { loadConfig } from '../../../src/config.ts'
import { createQuotaAuthority } from '../../../src/domain/entitlements/quota-authority.service.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { createLog } from '../../../src/platform/log.ts'
import { openFleet } from '../../../src/start/fleet.ts'
import {
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  call,
  METERED,
  withQuotas,
  type World,
  type WorldOptions,
} from '../../gateway/harness.ts'
import { guarded, switchable } from '../../gateway/switchable.ts'
import { aServerDatabase, testDatabase } from '../../support/database.ts'
import { HAS_REDIS, type RedisServers, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'
import { startLoad } from '../gateway/load.ts'

const LIMIT = 2_000
const CLIENTS = 6
const DENY = { ...METERED, policy: { ...METERED.policy, onMeterFailure: 'deny' as const } }

/** Gateways as on machines of their own, with Redis and the database between them. */
async function aFleet(
  servers: RedisServers | null,
  all: readonly WorldOptions[],
  state = { isDown: false },
): Promise<World[]> {
  const database = await testDatabase()
  const log = createLog({ level: 'silent', format: 'json' })
  const worlds: World[] = []
  for (const options of all) {
    const env =
      servers === null
        ? {}
        : { REDIS_URL: servers.urls.join(','), REDIS_CLUSTER: String(servers.isCluster) }
    const quotas = guarded(state, createQuotaAuthority({ database, clock: systemClock }))
    const guardedDatabase = guarded(state, database)
    const fleet = openFleet(loadConfig({ env, folder: tmpdir() }), {
      database: guardedDatabase,
      quotas,
      clock: systemClock,
      log,
    })
    onTestFinished(async () => fleet?.close())
    const shared = fleet === undefined ? { quotas } : fleet
    const world = await aWorld({
      routes: [DENY],
      ...shared,
      ...options,
    })
    world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(LIMIT))))
    worlds.push(world)
  }
  return worlds
}

const loads = (worlds: readonly { gateway: { url: string } }[]) =>
  worlds.map(({ gateway }) => startLoad(() => gateway.url, CLIENTS))

/** Everybody keeps calling until nobody gets anything more. */
async function exhaust(worlds: readonly World[], count: () => Promise<number>): Promise<void> {
  const running = loads(worlds)
  await until(count, (counted) => counted >= LIMIT)
  await Promise.all(running.map((load) => load.stop()))
}

const countedBy = async (worlds: readonly World[]): Promise<number> => {
  for (const { gateway } of worlds) await gateway.flush()
  return worlds[0]!.counted()
}

describe.skipIf(!HAS_REDIS)('a fleet with Redis (needs redis-server)', () => {
  test.each([
    ['PostgreSQL alone', null],
    ['Redis', { isCluster: false }],
    ['a cluster of Redis', { isCluster: true }],
  ])(
    'three gateways, one of two workers, serve and bill exactly the limit with %s',
    async (_name, redis) => {
      const upstream = await anUpstream()
      const all = [{ workers: 2 }, {}, {}].map((one) => ({ ...one, upstream: upstream.url }))
      const worlds = await aFleet(redis === null ? null : await startRedis(redis), all)

      await exhaust(worlds, () => countedBy(worlds))

      expect(upstream.seen).toHaveLength(LIMIT)
      expect(await countedBy(worlds)).toBe(LIMIT)
    },
  )

  test('kill -9 of Redis in mid-load, and its return, pass no limit and lose no call', async () => {
    const upstream = await anUpstream()
    const servers = await startRedis()
    const worlds = await aFleet(
      servers,
      [{}, {}].map(() => ({ upstream: upstream.url })),
    )
    const running = loads(worlds)

    await until(
      () => Promise.resolve(upstream.seen.length),
      (seen) => seen > LIMIT / 4,
    )
    servers.nodes[0]!.kill('SIGKILL')
    await until(
      () => Promise.resolve(upstream.seen.length),
      (seen) => seen > LIMIT / 2,
    )
    await servers.nodes[0]!.start()
    const ended = await Promise.all(running.map((load) => load.stop()))
    await exhaust(worlds, () => countedBy(worlds))

    expect(ended.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(
      LIMIT / 2,
    )
    expect(upstream.seen).toHaveLength(LIMIT)
    expect(await countedBy(worlds)).toBe(LIMIT)
  })

  test('a replica that takes over in mid-load, with what it knows, passes no limit and loses no call', async () => {
    const upstream = await anUpstream()
    const servers = await startRedis({ isCluster: true, hasReplicas: true })
    const worlds = await aFleet(
      servers,
      [{}, {}].map(() => ({ upstream: upstream.url })),
    )
    const master = () => servers.nodeOf(`{test subscription_1}`)
    const killed = master()
    const running = loads(worlds)

    await until(
      () => Promise.resolve(upstream.seen.length),
      (seen) => seen > LIMIT / 4,
    )
    killed?.kill('SIGKILL')
    await until(
      () => Promise.resolve(master()),
      (node) => node !== undefined && node !== killed,
    )
    await Promise.all(running.map((load) => load.stop()))
    await exhaust(worlds, () => countedBy(worlds))

    expect(killed).toBeDefined()
    expect(upstream.seen).toHaveLength(LIMIT)
    expect(await countedBy(worlds)).toBe(LIMIT)
  })

  test('with the database away in mid-load, stock and Redis carry on up to the limit, and all is billed later', async () => {
    const upstream = await anUpstream()
    const { state, metering } = await switchable()
    const options = { upstream: upstream.url, metering }
    const worlds = await aFleet(await startRedis(), [options, options], state)
    const running = loads(worlds)

    await until(
      () => Promise.resolve(upstream.seen.length),
      (seen) => seen > LIMIT / 4,
    )
    state.isDown = true
    await until(
      () => Promise.all(worlds.map(({ gateway }) => gateway.readiness())),
      (all) => all.some(({ isQuotaAuthorityReachable }) => !isQuotaAuthorityReachable),
    )
    state.isDown = false
    await Promise.all(running.map((load) => load.stop()))
    await until(
      () => Promise.all(worlds.map(({ gateway }) => gateway.readiness())),
      (all) => all.every(({ usageBacklog }) => usageBacklog === 0),
    )

    expect(upstream.seen.length).toBeLessThanOrEqual(LIMIT)
    expect(await countedBy(worlds)).toBe(upstream.seen.length)

    // Units that were on their way back when the database went come back with their gateway's end.
    const reborn: World[] = []
    for (const world of worlds) reborn.push(await world.restart())
    await exhaust(reborn, () => countedBy(reborn))

    expect(upstream.seen).toHaveLength(LIMIT)
    expect(await countedBy(reborn)).toBe(LIMIT)
  })

  test('kill -9 of a worker in mid-load passes no limit, and what it had in stock comes back', async () => {
    const upstream = await anUpstream()
    const all = [{ workers: 2 }, {}].map((one) => ({ ...one, upstream: upstream.url }))
    const worlds = await aFleet(await startRedis(), all)
    const running = loads(worlds)
    const [first] = worlds
    const pids = () =>
      first!.logged
        .map((line) => JSON.parse(line) as { event: string; pid: number })
        .filter(({ event }) => event === 'gateway.worker_started')
        .map(({ pid }) => pid)

    await until(
      () => Promise.resolve(upstream.seen.length),
      (seen) => seen > LIMIT / 4,
    )
    process.kill(pids()[0]!, 'SIGKILL')
    await until(
      () => Promise.resolve(pids().length),
      (count) => count === 3,
    )
    const ended = await Promise.all(running.map((load) => load.stop()))
    await exhaust(worlds, () => countedBy(worlds))

    // Served and unanswered when it died: not billed, and not among those who may come back for it.
    const broken = ended.reduce((sum, load) => sum + load.broken, 0)
    expect(await countedBy(worlds)).toBe(LIMIT)
    expect(upstream.seen.length).toBeGreaterThanOrEqual(LIMIT)
    expect(upstream.seen.length).toBeLessThanOrEqual(LIMIT + broken)
  })

  test('kill -9 of whole gateways in mid-load passes no limit and bills what was answered (needs PostgreSQL)', async ({
    skip,
  }) => {
    const database = await aServerDatabase()
    if (database === undefined) return skip('TEST_DATABASE_URL names no server')
    const upstream = await anUpstream()
    const redis = (await startRedis()).urls[0]!
    const folder = mkdtempSync(join(tmpdir(), 'farebox-fleet-'))
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
    const machines = ['a', 'b', 'c'].map((name) => join(folder, name))
    const limit = 6_000
    const start = (own: string) => startProcess([own, upstream.url, String(limit), database, redis])
    const gateways: Started[] = []
    for (const own of machines) gateways.push(await start(own))
    const running = machines.map((_, i) => startLoad(() => gateways[i]!.url, CLIENTS))

    for (const victim of [0, 1]) {
      const before = upstream.seen.length
      await until(
        () => Promise.resolve(upstream.seen.length),
        (seen) => seen > before + 500,
      )
      gateways[victim]!.process.kill('SIGKILL')
    }
    for (const victim of [0, 1]) gateways[victim] = await start(machines[victim]!)
    const counted = async () => {
      const counts = []
      for (const gateway of gateways) counts.push(await gateway.count())
      return counts.at(-1)!
    }
    await until(counted, (count) => count >= limit)
    const ended = await Promise.all(running.map((load) => load.stop()))

    const acknowledged = ended.reduce((sum, load) => sum + load.acknowledged, 0)
    const broken = ended.reduce((sum, load) => sum + load.broken, 0)
    expect(await counted()).toBe(limit)
    expect(acknowledged).toBeLessThanOrEqual(limit)
    expect(upstream.seen.length).toBeLessThanOrEqual(limit + broken)
  })

  test('a raised limit and a revoked key count at once, whatever is in stock', async () => {
    const upstream = await anUpstream()
    const worlds = await aFleet(await startRedis(), [
      { upstream: upstream.url, workers: 2 },
      { upstream: upstream.url },
    ])
    for (const { access } of worlds) access.put(aSecret(), anAccess(1, withQuotas(aQuota(40))))
    const statuses = async () => {
      const answers = await Promise.all(
        worlds.flatMap((world) => Array.from({ length: 30 }, () => call(world, '/'))),
      )
      return answers.map(({ status }) => status)
    }
    const served = (await statuses()).filter((status) => status === 200)

    for (const { access } of worlds) access.put(aSecret(), anAccess(1, withQuotas(aQuota(60))))
    const toppedUp = await until(
      async () => {
        served.push(...(await statuses()).filter((status) => status === 200))
        return served.length
      },
      (count) => count >= 60,
    )
    for (const { access } of worlds) {
      access.put(
        aSecret(),
        anAccess(1, {
          timeline: [
            {
              from: Number.NEGATIVE_INFINITY,
              decision: { kind: 'refused', code: 'key_revoked', params: {}, actions: [] },
            },
          ],
        }),
      )
    }
    const revoked = await until(statuses, (all) => all.every((status) => status === 401))

    expect(toppedUp).toBe(60)
    expect(revoked).toHaveLength(60)
    expect(upstream.seen).toHaveLength(60)
  })
})

interface Started {
  readonly process: ChildProcess
  readonly url: string
  count(): Promise<number>
}

function startProcess(args: readonly string[]): Promise<Started> {
  const script = join(import.meta.dirname, 'gateway-process.ts')
  const child = fork(script, args, { execArgv: [], stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  onTestFinished(() => void child.kill('SIGKILL'))
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

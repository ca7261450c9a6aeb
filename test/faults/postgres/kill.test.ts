import { describe, expect, onTestFinished, test } from 'vitest'
import { createQuotaAuthority } from '../../../src/domain/entitlements/quota-authority.service.ts'
import { createMetering } from '../../../src/domain/metering/service.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'
import { migrate } from '../../../src/platform/database/migrate.ts'
import {
  anAccess,
  anUpstream,
  aQuota,
  aSecret,
  aWorld,
  withQuotas,
  type World,
} from '../../gateway/harness.ts'
import { totalOf } from '../../gateway/world.ts'
import { HAS_POSTGRES, type PostgresServer, startPostgres } from '../../support/postgres.ts'
import { until } from '../../support/until.ts'
import { startLoad } from '../gateway/load.ts'

const CLIENTS = 8
const CALLS = 400

interface Stage {
  readonly server: PostgresServer
  readonly database: Database
  readonly upstream: Awaited<ReturnType<typeof anUpstream>>
  readonly world: World
  counted(): Promise<number>
}

/** A gateway over a PostgreSQL that can be killed. */
async function aStage(limit: number): Promise<Stage> {
  const server = await startPostgres()
  const database = await openDatabase({ url: server.url })
  onTestFinished(() => database.close())
  await migrate(database.db)
  const metering = createMetering({ database, clock: systemClock })
  const quotas = createQuotaAuthority({ database, clock: systemClock })
  const upstream = await anUpstream()
  const world = await aWorld({ upstream: upstream.url, metering, quotas })
  world.access.put(aSecret(), anAccess(1, withQuotas(aQuota(limit))))
  return {
    server,
    database,
    upstream,
    world,
    async counted() {
      await world.gateway.flush()
      return totalOf(metering)
    },
  }
}

/** So many calls more have reached the API. */
async function served({ upstream }: Stage, calls: number): Promise<void> {
  const before = upstream.seen.length
  await until(
    () => Promise.resolve(upstream.seen.length - before),
    (seen) => seen >= calls,
  )
}

const backlog = async ({ world }: Stage) => (await world.gateway.readiness()).usageBacklog

describe.skipIf(!HAS_POSTGRES)('PostgreSQL (needs its server programs)', () => {
  test('kill -9 of PostgreSQL in mid-load: what the API served is what is billed after it is back', async () => {
    const stage = await aStage(1_000_000)
    const { server, database, upstream, world } = stage
    const heard: string[] = []
    onTestFinished(database.subscribe('farebox_test', (payload) => heard.push(payload)))
    const load = startLoad(() => world.gateway.url, CLIENTS)

    await served(stage, CALLS)
    server.kill()
    await served(stage, CALLS)
    await server.start()
    await served(stage, CALLS)
    const { acknowledged, refused, broken } = await load.stop()
    await until(
      () => backlog(stage),
      (count) => count === 0,
    )

    expect({ refused, broken }).toEqual({ refused: 0, broken: 0 })
    expect(acknowledged).toBe(upstream.seen.length)
    expect(await stage.counted()).toBe(upstream.seen.length)
    // News is heard again, without anybody subscribing anew.
    await until(
      async () => {
        await database.transaction((tx) => database.publish(tx, 'farebox_test', 'again'))
        return heard.length
      },
      (count) => count > 0,
    )
  })

  test('kill -9 of PostgreSQL again and again loses no usage and counts none twice', async () => {
    const stage = await aStage(1_000_000)
    const { server, upstream, world } = stage
    const load = startLoad(() => world.gateway.url, CLIENTS)

    for (let round = 0; round < 3; round++) {
      await served(stage, CALLS / 4)
      server.kill()
      await server.start()
    }
    await served(stage, CALLS / 4)
    const { acknowledged } = await load.stop()
    await until(
      () => backlog(stage),
      (count) => count === 0,
    )

    expect(acknowledged).toBe(upstream.seen.length)
    expect(await stage.counted()).toBe(upstream.seen.length)
  })
})

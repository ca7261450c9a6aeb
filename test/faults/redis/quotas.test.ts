import fc from 'fast-check'
import { describe, expect, onTestFinished, test } from 'vitest'
import {
  createQuotaAuthority,
  type QuotaAuthority,
} from '../../../src/domain/entitlements/quota-authority.service.ts'
import { createQuotaBlocks } from '../../../src/domain/entitlements/quota-blocks.service.ts'
import type { LeaseAsk, QuotaKey } from '../../../src/domain/entitlements/quota.ts'
import { createSharedQuotaAuthority } from '../../../src/domain/entitlements/shared-quota-authority.service.ts'
import { systemClock } from '../../../src/kit/clock.ts'
import { decimal, formatDecimal, ZERO } from '../../../src/kit/decimal.ts'
import { DAY_MS } from '../../../src/kit/instant.ts'
import { createRedisStock } from '../../../src/platform/counters/redis-stock.ts'
import type { Database } from '../../../src/platform/database/database.ts'
import { createLog } from '../../../src/platform/log.ts'
import { testDatabase } from '../../support/database.ts'
import { aRedis, HAS_REDIS, type RedisServers, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const NOW = Date.now()
const log = createLog({ level: 'silent', format: 'json' })

function aKey(n: number): QuotaKey {
  const window = { startsAt: NOW + n, endsAt: NOW + 31 * DAY_MS }
  return { mode: 'test', subscriptionId: `subscription_${n}`, quotaKey: 'requests:1M', window }
}

/** The authority of one machine: with others it has the database and Redis in common, nothing else. */
async function aMachine(database: Database, servers: RedisServers) {
  let calls = 0
  const own = createQuotaAuthority({ database, clock: systemClock })
  const authority: QuotaAuthority = {
    ...own,
    lease: (producerId, asks) => {
      if (asks.length > 0) calls++
      return own.lease(producerId, asks)
    },
  }
  const redis = await aRedis(servers)
  const shared = createSharedQuotaAuthority({
    authority,
    blocks: createQuotaBlocks({ database }),
    stock: createRedisStock(redis),
    log,
  })
  onTestFinished(() => shared.close())
  const isAnswering = () => until(() => Promise.resolve(redis.mayAnswer()), Boolean)
  return { shared, databaseCalls: () => calls, isAnswering }
}

/** A gateway in small: spends from stock, asks when it is empty, gives back when it is told to. */
function aSpender(authority: QuotaAuthority, producerId: string, key: QuotaKey, limit: number) {
  let stock = 0
  let spent = 0
  let isOver = false
  const stop = authority.onRecall(() => void giveBack())
  onTestFinished(stop)

  async function giveBack(): Promise<void> {
    const units = stock
    stock = 0
    if (units > 0) await authority.giveBack(producerId, [{ ...key, units: decimal(units) }])
  }

  async function spend(want: number, cost: number): Promise<boolean> {
    while (stock < cost) {
      const ask: LeaseAsk = {
        ...key,
        ceiling: decimal(limit),
        debt: ZERO,
        need: decimal(cost - stock),
        want: decimal(want),
      }
      const [answer] = await authority.lease(producerId, [ask])
      if (answer?.kind !== 'leased') throw new Error('The window is open')
      const granted = Number(formatDecimal(answer.granted))
      stock += granted
      if (stock >= cost) break
      if (!answer.isRecalling) return false
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    stock -= cost
    spent += cost
    return true
  }

  return {
    spent: () => spent,
    spend,
    giveBack,
    async spendAll(want: number, cost = 1): Promise<void> {
      while (!isOver) isOver = !(await spend(want, cost))
    },
    /** Its log is counted, its stock dies with it. */
    async die(): Promise<void> {
      stop()
      await authority.settle(producerId, 1, [{ ...key, units: decimal(spent) }])
      await authority.retire(producerId)
    },
  }
}

async function blocksOf(database: Database, key: QuotaKey) {
  return database.db
    .selectFrom('quotaBlocks')
    .selectAll()
    .where('subscriptionId', '=', key.subscriptionId)
    .execute()
}

async function debited(database: Database, key: QuotaKey): Promise<number> {
  const { granted } = await database.db
    .selectFrom('quotas')
    .select('granted')
    .where('subscriptionId', '=', key.subscriptionId)
    .executeTakeFirstOrThrow()
  return Number(granted)
}

describe.skipIf(!HAS_REDIS)('quota leases from Redis (needs redis-server)', () => {
  test.each([false, true])(
    'many gateways get exactly the limit together, seldom from the database (cluster: %s)',
    async (isCluster) => {
      const database = await testDatabase()
      const servers = await startRedis({ isCluster })
      const limit = 20_000
      const key = aKey(1)
      const machines = []
      for (let i = 0; i < 4; i++) machines.push(await aMachine(database, servers))
      await machines[0]!.shared.open(key, ZERO)
      const spenders = machines.map(({ shared }, i) => aSpender(shared, `p${i}`, key, limit))

      await Promise.all(spenders.map((spender) => spender.spendAll(16)))

      expect(spenders.reduce((sum, { spent }) => sum + spent(), 0)).toBe(limit)
      // 1,250 leases of 16 at least; near the limit the database hands out the rest one by one.
      const calls = machines.reduce((sum, { databaseCalls }) => sum + databaseCalls(), 0)
      expect(calls).toBeLessThan(800)
      expect(spenders.every(({ spent }) => spent() > 0)).toBe(true)
    },
  )

  test('a Redis that comes back with an older snapshot hands out nothing a second time', async () => {
    const database = await testDatabase()
    const servers = await startRedis()
    const { shared, isAnswering } = await aMachine(database, servers)
    const limit = 3_000
    const key = aKey(2)
    await shared.open(key, ZERO)
    const spender = aSpender(shared, 'p', key, limit)
    await until(
      async () => {
        await spender.spend(16, 1)
        return blocksOf(database, key)
      },
      (blocks) => blocks.length === 1 && spender.spent() > 100,
    )

    servers.command('save')
    for (let i = 0; i < 400; i++) await spender.spend(16, 1)
    servers.nodes[0]!.kill('SIGKILL')
    await servers.nodes[0]!.start()
    await spender.spend(16, 1)
    await isAnswering()
    await spender.spendAll(16)

    expect(servers.command('info', 'persistence')).toContain('rdb_last_load_keys_loaded:1')
    expect(spender.spent()).toBe(limit)
  })

  test('whatever happens to Redis and to gateways, the limit is never passed and nothing stays lost', async () => {
    const database = await testDatabase()
    const servers = await startRedis()
    const machines = [await aMachine(database, servers), await aMachine(database, servers)]
    let run = 10
    const anEvent = fc.oneof(
      { weight: 4, arbitrary: fc.constant('spend') },
      { weight: 5, arbitrary: fc.constantFrom('snapshot', 'flush', 'restart', 'die', 'return') },
    )
    const steps = fc.array(
      fc.record({ event: anEvent, who: fc.nat(3), count: fc.integer({ min: 1, max: 120 }) }),
      { minLength: 5, maxLength: 25 },
    )

    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 200, max: 4_000 }), async (events, limit) => {
        const key = aKey(run++)
        await machines[0]!.shared.open(key, ZERO)
        let born = 0
        const spender = (who: number) =>
          aSpender(machines[who % 2]!.shared, `p${run}_${born++}`, key, limit)
        const spenders = [0, 1, 2, 3].map(spender)
        const dead: { spent(): number }[] = []
        const spentInAll = () => [...spenders, ...dead].reduce((sum, { spent }) => sum + spent(), 0)

        const live = async (who: number, event: string, count: number): Promise<void> => {
          if (event === 'spend') for (let i = 0; i < count; i++) await spenders[who]!.spend(16, 1)
          else if (event === 'return') await spenders[who]!.giveBack()
          else {
            await spenders[who]!.die()
            dead.push(spenders[who]!)
            spenders[who] = spender(who)
          }
        }
        // After a restart Redis knows what was true at the last snapshot.
        const disturb = async (event: string): Promise<void> => {
          if (event === 'snapshot') servers.command('save')
          else if (event === 'flush') servers.command('flushall')
          else {
            servers.nodes[0]!.kill('SIGKILL')
            await servers.nodes[0]!.start()
            for (const { isAnswering } of machines) await isAnswering()
          }
          expect(spentInAll()).toBeLessThanOrEqual(limit)
        }

        // Each spender does one thing after the other, all of them and Redis at the same time.
        const isOfRedis = (event: string) => ['snapshot', 'flush', 'restart'].includes(event)
        const lanes = [0, 1, 2, 3].map(async (lane) => {
          const own = events.filter(({ event, who }) => who === lane && !isOfRedis(event))
          for (const { event, count } of own) await live(lane, event, count)
        })
        const redis = async () => {
          for (const { event } of events) if (isOfRedis(event)) await disturb(event)
        }
        await Promise.all([...lanes, redis()])
        expect(spentInAll()).toBeLessThanOrEqual(limit)
        expect(spentInAll()).toBeLessThanOrEqual(await debited(database, key))
        await Promise.all(spenders.map((one) => one.spendAll(16)))

        expect(spentInAll()).toBe(limit)
        for (const one of spenders) await one.die()
        await until(
          () => blocksOf(database, key),
          (blocks) => blocks.length === 0,
        )
        expect(await debited(database, key)).toBe(limit)
      }),
      { numRuns: Number(process.env['FAULT_ROUNDS'] ?? 1) * 4 },
    )
  })
})

import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../../src/kit/clock.ts'
import type { Counters } from '../../../src/platform/counters/counters.ts'
import { createMemoryCounters } from '../../../src/platform/counters/memory-counters.ts'
import { createRedisCounters } from '../../../src/platform/counters/redis-counters.ts'
import { aRedis, freePort, HAS_REDIS, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const HOUR_MS = 3_600_000

describe.skipIf(!HAS_REDIS)('counters in Redis (needs redis-server)', () => {
  test.each([false, true])(
    'many gateways together take exactly what a bucket holds (cluster: %s)',
    async (isCluster) => {
      const servers = await startRedis({ isCluster })
      const gateways = await Promise.all(
        Array.from({ length: 5 }, async () => createRedisCounters(await aRedis(servers))),
      )
      const keys = Array.from({ length: 12 }, (_, i) => `bucket ${i}`)
      const takeAll = async (counters: Counters) => {
        const taken = keys.map(() => 0)
        for (;;) {
          const asks = keys.map((key) => ({
            key,
            intervalMs: HOUR_MS,
            bucketMs: 100 * HOUR_MS,
            want: 7,
          }))
          const answers = await counters.takeTokens(asks)
          if (answers.every(({ granted }) => granted === 0)) return taken
          for (const [i, { granted }] of answers.entries()) taken[i]! += granted
        }
      }

      const taken = await Promise.all(gateways.map(takeAll))

      const sums = keys.map((_, i) => taken.reduce((sum, of) => sum + of[i]!, 0))
      expect(sums).toEqual(keys.map(() => 100))
    },
  )

  test('they answer as the counters in memory do', async () => {
    const counters = createRedisCounters(await aRedis(await startRedis()))
    let run = 0
    const anAsk = fc.record({
      limit: fc.integer({ min: 1, max: 500 }),
      want: fc.integer({ min: 1, max: 50 }),
      back: fc.integer({ min: 0, max: 3 }),
    })

    await fc.assert(
      fc.asyncProperty(fc.array(anAsk, { minLength: 1, maxLength: 12 }), async (asks) => {
        const memory = createMemoryCounters({ clock: createManualClock(0) })
        const key = `same ${run++}`
        for (const { limit, want, back } of asks) {
          const ask = { key, intervalMs: HOUR_MS, bucketMs: limit * HOUR_MS, want }
          const [here] = await counters.takeTokens([ask])
          const [there] = await memory.takeTokens([ask])
          expect(here!.granted).toBe(there!.granted)
          const returned = { key, intervalMs: HOUR_MS, count: Math.min(back, here!.granted) }
          await counters.returnTokens([returned])
          await memory.returnTokens([returned])
        }
        await memory.close()
      }),
      { numRuns: 40 },
    )
  })

  test('tokens come back with time, and nothing is kept of a full bucket', async () => {
    const servers = await startRedis()
    const counters = createRedisCounters(await aRedis(servers))
    const ask = { key: 'fast', intervalMs: 20, bucketMs: 40, want: 1 }

    await counters.takeTokens([ask, ask])
    const answers = await until(
      () => counters.takeTokens([ask]),
      ([answer]) => answer!.granted === 1,
    )
    const left = await until(
      () => Promise.resolve(servers.command('dbsize')),
      (size) => size === '0',
    )

    expect(answers).toHaveLength(1)
    expect(left).toBe('0')
  })

  test('places are never taken twice, and those of a retired holder are free', async () => {
    const servers = await startRedis({ isCluster: true })
    const [one, two] = await Promise.all(
      [1, 2].map(async () => createRedisCounters(await aRedis(servers))),
    )
    const ask = { key: 'few', limit: 10, want: 4 }

    const answers = await Promise.all([
      one!.takePlaces('a', [ask]),
      one!.takePlaces('b', [ask]),
      two!.takePlaces('c', [ask]),
      two!.takePlaces('d', [ask]),
    ])
    await one!.retire('a')
    await two!.returnPlaces('d', [{ key: 'few', count: 1 }])
    await one!.retire('b')
    await two!.retire('c')
    await two!.retire('d')
    const [after] = await one!.takePlaces('e', [{ ...ask, want: 20 }])

    expect(answers.flat().reduce((sum, { granted }) => sum + granted, 0)).toBe(10)
    expect(after).toEqual({ granted: 10, taken: 10 })
  })

  test('a Redis that forgot everything knows the places again after a word of each holder', async () => {
    const servers = await startRedis()
    const counters = createRedisCounters(await aRedis(servers))
    const ask = { key: 'few', limit: 10, want: 8 }
    await counters.takePlaces('a', [ask])

    servers.command('flushall')
    await counters.keepAlive('a')
    const [answer] = await counters.takePlaces('b', [ask])

    expect(answer).toEqual({ granted: 2, taken: 10 })
  })

  test('a server with TLS and a user of its own is spoken to, one with another certificate is not', async () => {
    const certificates = join(import.meta.dirname, '../../gateway/certificates')
    const file = (name: string) => join(certificates, `${name}.pem`)
    const port = await freePort()
    const args = ['--tls-port', `${port}`, '--tls-auth-clients', 'no']
    args.push('--tls-cert-file', file('one.cert'), '--tls-key-file', file('one.key'))
    args.push('--tls-ca-cert-file', file('one.cert'))
    args.push('--user', 'gateway', 'on', '>p@ss/word', '~test:*')
    args.push('+@read', '+@write', '+@scripting', '+@connection', '+info', '+time')
    await startRedis({ args })
    const at = { urls: [`rediss://gateway@127.0.0.1:${port}`], isCluster: false }
    const password = 'p@ss/word'
    const ask = { key: 'any', intervalMs: HOUR_MS, bucketMs: HOUR_MS, want: 1 }

    const redis = await aRedis(at, { password, ca: readFileSync(file('one.cert'), 'utf8') })
    const [answer] = await createRedisCounters(redis).takeTokens([ask])
    const wrong = await aRedis(at, { password, ca: readFileSync(file('two.cert'), 'utf8') }, false)

    expect(answer).toEqual({ granted: 1, aheadMs: HOUR_MS })
    await expect(createRedisCounters(wrong).takeTokens([ask])).rejects.toThrow()
  })

  test('a Redis that is dead or hangs is noticed at once, and again when it is back', async () => {
    const servers = await startRedis()
    const redis = await aRedis(servers)
    const counters = createRedisCounters(redis)
    const ask = { key: 'any', intervalMs: HOUR_MS, bucketMs: 100 * HOUR_MS, want: 1 }
    const [node] = servers.nodes
    const take = () =>
      counters.takeTokens([ask]).then(
        () => true,
        () => false,
      )
    await take()

    node!.kill('SIGSTOP')
    expect([await take(), counters.isReachable()]).toEqual([false, false])
    node!.kill('SIGCONT')
    expect(await until(take, Boolean)).toBe(true)
    node!.kill('SIGKILL')
    expect(await until(take, (isTaken) => !isTaken)).toBe(false)
    await node!.start()

    expect(await until(take, Boolean)).toBe(true)
    expect(counters.isReachable()).toBe(true)
  })
})

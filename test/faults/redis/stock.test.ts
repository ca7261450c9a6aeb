import { describe, expect, test } from 'vitest'
import { createRedisStock } from '../../../src/platform/counters/redis-stock.ts'
import { aRedis, HAS_REDIS, startRedis } from '../../support/redis.ts'
import { until } from '../../support/until.ts'

const FILLING = { number: 1, filled: 100, note: 'n', isNew: true }
const ASK = { need: 1, want: 20, grain: 1 }

describe.skipIf(!HAS_REDIS)('units in stock in Redis (needs redis-server)', () => {
  test('they are handed out once, all that is needed or nothing', async () => {
    const stock = createRedisStock(await aRedis(await startRedis()))
    await stock.fill('k', FILLING)

    expect(await stock.take('k', 1, ASK)).toEqual({ granted: 20, left: 80, note: 'n' })
    expect(await stock.take('k', 1, { ...ASK, need: 79 })).toMatchObject({ granted: 79, left: 1 })
    expect(await stock.take('k', 1, { ...ASK, need: 2 })).toMatchObject({ granted: 0, left: 1 })
    expect(await stock.giveBack('k', 1, 9)).toBe('returned')
    expect(await stock.take('k', 1, { ...ASK, need: 10 })).toMatchObject({ granted: 10, left: 0 })
  })

  test('a word about filling that is repeated or overtaken adds nothing', async () => {
    const stock = createRedisStock(await aRedis(await startRedis()))
    await stock.fill('k', FILLING)
    await stock.fill('k', { ...FILLING, filled: 160, isNew: false })

    await stock.fill('k', { ...FILLING, filled: 130, isNew: false })
    await stock.fill('k', FILLING)

    expect(await stock.take('k', 1, { ...ASK, need: 160 })).toMatchObject({ granted: 160, left: 0 })
  })

  test('a stock with a later number takes the place of an earlier one, never the other way', async () => {
    const stock = createRedisStock(await aRedis(await startRedis()))
    await stock.fill('k', { ...FILLING, number: 2 })

    expect(await stock.fill('k', FILLING)).toBe('missing')
    expect(await stock.take('k', 1, ASK)).toBe('missing')
    expect(await stock.giveBack('k', 1, 5)).toBe('missing')
    expect(await stock.take('k', 2, ASK)).toMatchObject({ granted: 20, left: 80 })
  })

  test('a replica that takes over hands out nothing of what it was told', async () => {
    const master = await startRedis()
    const replica = await startRedis()
    const before = createRedisStock(await aRedis(master))
    await before.fill('k', FILLING)
    const { hostname, port } = new URL(master.urls[0]!)
    replica.command('replicaof', hostname, port)
    await until(
      () => Promise.resolve(replica.command('dbsize')),
      (size) => size === '1',
    )

    replica.command('replicaof', 'no', 'one')
    const after = createRedisStock(await aRedis(replica))

    expect(await after.take('k', 1, ASK)).toBe('missing')
    expect(await after.fill('k', { ...FILLING, isNew: false })).toBe('missing')
    expect(await after.fill('k', { ...FILLING, number: 2 })).toBe('filled')
    expect(await after.take('k', 2, ASK)).toMatchObject({ granted: 20, left: 80 })
  })
})

import { sql } from 'kysely'
import { beforeAll, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Database } from './database.ts'
import { migrate, pendingMigrations } from './migrate.ts'

let database: Database

beforeAll(async () => {
  database = await testDatabase()
  await sql`create table if not exists probe (id integer primary key, n bigint not null default 0)`.execute(
    database.db,
  )
  await sql`truncate probe`.execute(database.db)
})

const insert = (id: number) => sql`insert into probe (id) values (${id})`
const count = async () => {
  const { rows } = await sql<{ n: bigint }>`select count(*) as n from probe`.execute(database.db)
  return rows[0]?.n
}

test('a transaction that fails leaves nothing behind', async () => {
  const failing = database.transaction(async (tx) => {
    await insert(1).execute(tx)
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect(await count()).toBe(0n)
})

test('a statement that goes past its transaction is refused at once', async () => {
  const careless = database.transaction(async () => insert(2).execute(database.db))

  await expect(careless).rejects.toThrow('went past its transaction')
})

test('interleaved transactions of many callers each see only their own work', async () => {
  await sql`insert into probe (id) values (100)`.execute(database.db)
  const increment = () =>
    database.transaction(async (tx) => {
      const { rows } = await sql<{
        n: bigint
      }>`select n from probe where id = 100 for update`.execute(tx)
      await sql`update probe set n = ${(rows[0]?.n ?? 0n) + 1n} where id = 100`.execute(tx)
    })

  await Promise.all(Array.from({ length: 50 }, increment))

  const { rows } = await sql<{ n: bigint }>`select n from probe where id = 100`.execute(database.db)
  expect(rows[0]?.n).toBe(50n)
})

test('what is published in a transaction is heard after the commit and only then', async () => {
  const heard: string[] = []
  const unsubscribe = database.subscribe('probe_channel', (payload) => heard.push(payload))
  await expect
    .poll(async () => {
      await database.publish(database.db, 'probe_channel', 'hello')
      return heard
    })
    .toContain('hello')

  const failing = database.transaction(async (tx) => {
    await database.publish(tx, 'probe_channel', 'rolled back')
    throw new Error('no')
  })
  await expect(failing).rejects.toThrow('no')
  await database.transaction(async (tx) => {
    await database.publish(tx, 'probe_channel', 'committed')
    expect(heard).not.toContain('committed')
  })

  await expect.poll(() => heard).toContain('committed')
  expect(heard).not.toContain('rolled back')
  unsubscribe()
})

test('bigints come back with every digit', async () => {
  const { rows } = await sql<{ n: bigint }>`select 9007199254740993::bigint as n`.execute(
    database.db,
  )
  expect(rows[0]?.n).toBe(9007199254740993n)
})

test('migrating a second time does nothing', async () => {
  expect(await pendingMigrations(database.db)).toEqual([])
  expect(await migrate(database.db)).toEqual([])
})

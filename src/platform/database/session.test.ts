import { sql } from 'kysely'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Database } from './database.ts'
import { toCamelCase, toSnakeCase } from './dialect.ts'

const MORE_THAN_KEPT = 450
const KEPT_BY_ALL_CONNECTIONS = 4 * 400

let database: Database

beforeAll(async () => {
  database = await testDatabase()
})

beforeEach(async () => {
  await sql`drop table if exists prepared_rows`.execute(database.db)
  await sql`create table prepared_rows (id integer primary key)`.execute(database.db)
})

const insert = (id: number) => sql`insert into prepared_rows (id) values (${id})`
const probes = (least: number) => sql`select * from prepared_rows where id >= ${least} order by id`

test('a statement used before a column was added answers with the column afterwards', async () => {
  await insert(1).execute(database.db)
  await probes(0).execute(database.db)

  await sql`alter table prepared_rows add column with_name text not null default 'new'`.execute(
    database.db,
  )

  const { rows } = await probes(0).execute(database.db)
  expect(rows).toEqual([{ id: 1, withName: 'new' }])
})

test('inside a transaction an outdated statement fails it, and the next one succeeds', async () => {
  const reading = () =>
    database.transaction(async (tx) => {
      await insert(1).execute(tx)
      return (await sql`select * from prepared_rows where id < ${2}`.execute(tx)).rows
    })
  await expect(reading()).resolves.toEqual([{ id: 1 }])
  await sql`delete from prepared_rows`.execute(database.db)
  await sql`alter table prepared_rows add column name text`.execute(database.db)

  await expect(reading()).rejects.toThrow('cached plan')
  await expect(reading()).resolves.toEqual([{ id: 1, name: null }])
})

test.each([
  ['with parameters', insert(1)],
  ['without', sql`insert into prepared_rows values (1)`],
])('a transaction whose first statement fails is over: %s', async (_, first) => {
  await insert(1).execute(database.db)

  const careless = database.transaction(async (tx) => {
    await first.execute(tx).catch(() => undefined)
    await insert(2).execute(tx)
  })

  await expect(careless).rejects.toThrow('transaction is aborted')
  expect((await probes(0).execute(database.db)).rows).toEqual([{ id: 1 }])
})

test('what cannot be sent leaves its transaction a transaction', async () => {
  const endless: { self?: unknown } = {}
  endless.self = endless

  const failing = database.transaction(async (tx) => {
    await sql`select ${endless}`.execute(tx).catch(() => undefined)
    await insert(1).execute(tx)
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect((await probes(0).execute(database.db)).rows).toEqual([])
})

test('a transaction that says nothing, or fails before it does, disturbs nobody after it', async () => {
  await database.transaction(() => Promise.resolve())
  await database.transaction(() => Promise.reject(new Error('no'))).catch(() => undefined)

  await insert(1).execute(database.db)
  expect((await probes(0).execute(database.db)).rows).toEqual([{ id: 1 }])
})

test('a statement that failed the first time can be used again', async () => {
  await insert(1).execute(database.db)

  await expect(insert(1).execute(database.db)).rejects.toThrow('duplicate key')
  await insert(2).execute(database.db)

  expect((await probes(2).execute(database.db)).rows).toEqual([{ id: 2 }])
})

test('of ever new statements only so many are kept by the server', async () => {
  for (let round = 0; round < 2; round++) {
    for (let n = 0; n < MORE_THAN_KEPT; n++) {
      const { rows } = await sql`select ${n}::int as ${sql.ref(`n${n}`)}`.execute(database.db)
      expect(rows).toEqual([{ [`n${n}`]: n }])
    }
  }

  const { rows } = await sql<{ n: number }>`
    select count(*)::int as n from pg_prepared_statements`.execute(database.db)
  expect(rows[0]?.n).toBeGreaterThan(0)
  expect(rows[0]?.n).toBeLessThanOrEqual(KEPT_BY_ALL_CONNECTIONS)
})

test('every column is found again under the name its rows have', async () => {
  const { rows } = await sql<{ name: string }>`
    select distinct column_name as name from information_schema.columns
    where table_schema = 'public'`.execute(database.db)

  expect(rows.length).toBeGreaterThan(100)
  for (const { name } of rows) expect(toSnakeCase(toCamelCase(name))).toBe(name)
})

test('numbers beyond two to the 53rd, JSON, times, bytes, lists and null come back as they went', async () => {
  const sent = {
    large: 9_007_199_254_740_993n,
    json: { someKey: [1, { other_key: "it's" }] },
    at: new Date('2026-03-29T01:30:00.123Z'),
    bytes: Buffer.from([0, 255, 10]),
    names: ['a', 'b,"c"\\', '', null],
    none: null,
  }

  const { rows } = await sql`select ${sent.large}::bigint as large, ${sent.json}::jsonb as json,
    ${sent.at}::timestamptz as at, ${sent.bytes}::bytea as bytes, ${sent.names}::text[] as names,
    ${sent.none}::text as none`.execute(database.db)

  expect(rows).toEqual([sent])
})

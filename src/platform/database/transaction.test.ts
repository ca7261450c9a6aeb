import { type KyselyPlugin, sql } from 'kysely'
import { beforeAll, beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Database, Db } from './database.ts'
import { PassedOver } from './statement.ts'
import { atCommit, fork, holdAlone, isConsequence } from './transaction.ts'

let database: Database

beforeAll(async () => {
  database = await testDatabase()
})
beforeEach(async () => {
  await sql`drop table if exists packed_rows`.execute(database.db)
  await sql`create table packed_rows (id integer primary key)`.execute(database.db)
})

const insert = (db: Db, id: number) => sql`insert into packed_rows (id) values (${id})`.execute(db)
const count = async (db: Db, least: number) => {
  const { rows } = await sql<{ n: bigint }>`
    select count(*) as n from packed_rows where id >= ${least}`.execute(db)
  return Number(rows[0]?.n)
}

test('statements asked for at once run in their order, and each gets its own answer', async () => {
  const counted = await database.transaction((tx) =>
    Promise.all([
      count(tx, 0),
      insert(tx, 10).then(({ numAffectedRows }) => numAffectedRows),
      count(tx, 0),
      insert(tx, 11).then(({ numAffectedRows }) => numAffectedRows),
      count(tx, 11),
    ]),
  )

  expect(counted).toEqual([0, 1n, 1, 1n, 1])
})

test('one that fails undoes those before it, and those after it are told that it was not theirs', async () => {
  await insert(database.db, 1)
  let outcomes: PromiseSettledResult<unknown>[] = []

  const failing = database.transaction(async (tx) => {
    outcomes = await Promise.allSettled([2, 1, 3].map((id) => insert(tx, id)))
    await insert(tx, 4)
  })

  await expect(failing).rejects.toThrow('aborted')
  expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected'])
  const why = outcomes.flatMap((one) => (one.status === 'rejected' ? [one.reason as unknown] : []))
  expect(why.map(isConsequence)).toEqual([false, true])
  expect(why[1]).toBeInstanceOf(PassedOver)
  expect(await count(database.db, 0)).toBe(1)
})

test('a statement that was passed over is read by the server the next time', async () => {
  await insert(database.db, 1)
  const unseen = (tx: Db) =>
    sql`select id as "unseenBefore" from packed_rows where id = ${1}`.execute(tx)
  const both = (id: number) =>
    database.transaction(async (tx) => {
      const [, { rows }] = await Promise.all([insert(tx, id), unseen(tx)])
      return rows
    })

  await expect(both(1)).rejects.toThrow()
  await expect(both(2)).resolves.toEqual([{ unseenBefore: 1 }])
})

test('after the end of a transaction nothing can be asked of it', async () => {
  const late = Promise.withResolvers<Db>()
  await database.transaction((tx) => Promise.resolve(late.resolve(tx)))

  await expect(insert(await late.promise, 1)).rejects.toThrow('over')
})

test('what is gathered is written once, at the end, by whichever piece it was gathered', async () => {
  const written: number[][] = []
  const write = async (tx: Db, ids: readonly number[]) => {
    written.push([...ids])
    for (const id of ids) await insert(tx, id)
  }

  const during = await database.transaction(async (tx) => {
    await Promise.all([atCommit(tx, write, 1), atCommit(fork(tx), write, 2)])
    return count(tx, 0)
  })

  expect([during, written]).toEqual([0, [[1, 2]]])
  expect(await count(database.db, 0)).toBe(2)
})

test('a transaction with a plugin has pieces too, with the same plugin, and gathers with the others', async () => {
  let asked = 0
  const counting: KyselyPlugin = {
    transformQuery({ node }) {
      asked++
      return node
    },
    transformResult: ({ result }) => Promise.resolve(result),
  }
  const write = async (tx: Db, ids: readonly number[]) => {
    for (const id of ids) await insert(tx, id)
  }

  await database.transaction(async (tx) => {
    const counted = tx.withPlugin(counting)
    await insert(fork(counted), 1)
    await atCommit(fork(counted), write, 2)
    await atCommit(tx, write, 3)
    expect(asked).toBe(1)
  })

  expect([asked, await count(database.db, 0)]).toEqual([3, 3])
})

test('what is gathered and cannot be written undoes the transaction', async () => {
  const failing = database.transaction(async (tx) => {
    await insert(tx, 1)
    await atCommit(tx, () => Promise.reject(new Error('not written')), 'any')
  })

  await expect(failing).rejects.toThrow('not written')
  expect(await count(database.db, 0)).toBe(0)
})

test('two pieces of one transaction do not both hold what one may hold', async () => {
  await database.transaction((tx) => {
    const [one, other] = [fork(tx), fork(tx)]
    holdAlone(one, 'a coupon')
    holdAlone(one, 'a coupon')
    expect(() => holdAlone(other, 'a coupon')).toThrow('a coupon')
    return Promise.resolve()
  })
  await database.transaction((tx) => Promise.resolve(holdAlone(tx, 'a coupon')))
})

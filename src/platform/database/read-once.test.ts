import { expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import type { Db } from './database.ts'
import { forgetReads, readOnce } from './read-once.ts'

/** Reads a customer and a coupon; answers how often each has really been read. */
function reader() {
  const counts = { customers: 0, coupons: 0 }
  return (db: Db) => {
    const count = (table: keyof typeof counts) =>
      readOnce(db, table, ['test', 'x'], () => Promise.resolve(++counts[table]))
    return Promise.all([count('customers'), count('coupons')])
  }
}

test('a transaction reads a row once, until it writes to its table', async () => {
  const database = await testDatabase()
  const read = reader()

  await database.transaction(async (tx) => {
    expect(await read(tx)).toEqual([1, 1])
    expect(await read(tx)).toEqual([1, 1])
    forgetReads(tx, 'customers')
    expect(await read(tx)).toEqual([2, 1])
    forgetReads(tx)
    expect(await read(tx)).toEqual([3, 2])
  })
  await database.transaction(async (tx) => expect(await read(tx)).toEqual([4, 3]))
})

test('outside a transaction every read is a read', async () => {
  const { db } = await testDatabase()
  const read = reader()

  expect(await read(db)).toEqual([1, 1])
  expect(await read(db)).toEqual([2, 2])
})

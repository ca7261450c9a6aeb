import { sql } from 'kysely'
import { beforeEach, expect, test } from 'vitest'
import { testDatabase } from '../../../test/support/database.ts'
import { createManualClock, type ManualClock } from '../../kit/clock.ts'
import { MINUTE_MS } from '../../kit/instant.ts'
import type { Database } from '../database/database.ts'
import { createLog } from '../log.ts'
import { createJobs, deleteDoneJobs, type Jobs } from './jobs.ts'
import { createSchedule } from './schedule.ts'

let database: Database
let clock: ManualClock
const log = createLog({ level: 'silent', format: 'json' })

beforeEach(async () => {
  database = await testDatabase()
  clock = createManualClock(1_790_000_000_000)
})

const newJobs = (): Jobs => createJobs({ database, clock, log })
const states = async () =>
  (
    await database.db
      .selectFrom('jobs')
      .select(['queue', 'state', 'attempts'])
      .orderBy('id')
      .execute()
  ).map(({ queue, state, attempts }) => `${queue} ${state} ${attempts}`)

test('a job that is enqueued in a transaction that fails does not exist', async () => {
  const jobs = newJobs()
  const failing = database.transaction(async (tx) => {
    await jobs.enqueue(tx, 'mail', {})
    throw new Error('no')
  })

  await expect(failing).rejects.toThrow('no')
  expect(await states()).toEqual([])
})

test('of several workers exactly one runs a job', async () => {
  const ran: string[] = []
  const workers = ['a', 'b', 'c'].map((name) => {
    const jobs = newJobs()
    jobs.handle('mail', () => Promise.resolve(void ran.push(name)))
    return jobs
  })
  for (let i = 0; i < 30; i++) await workers[0]!.enqueue(database.db, 'mail', { i })

  await Promise.all(workers.map((jobs) => jobs.drain()))

  expect(ran).toHaveLength(30)
})

test('a job under a key exists once, and asked for again while it runs it runs once more', async () => {
  const jobs = newJobs()
  let runs = 0
  jobs.handle('sync', async () => {
    runs += 1
    if (runs === 1) await jobs.enqueue(database.db, 'sync', {}, { key: 'customer_1' })
  })
  await jobs.enqueue(database.db, 'sync', {}, { key: 'customer_1' })
  await jobs.enqueue(database.db, 'sync', {}, { key: 'customer_1' })

  await jobs.drain()

  expect(runs).toBe(2)
  expect(await states()).toEqual(['sync done 1'])
})

test('a failing job is tried again later, ever later, and ends as dead with its error', async () => {
  const jobs = newJobs()
  jobs.handle('mail', () => Promise.reject(new Error('no route to host')))
  await jobs.enqueue(database.db, 'mail', {}, { maxAttempts: 3 })

  const waits: number[] = []
  for (let attempt = 0; attempt < 3; attempt++) {
    await jobs.drain()
    const job = await database.db.selectFrom('jobs').selectAll().executeTakeFirstOrThrow()
    waits.push(job.runAt.getTime() - clock.now())
    clock.set(job.runAt.getTime())
  }

  expect(waits[1]!).toBeGreaterThan(waits[0]!)
  expect(await states()).toEqual(['mail dead 3'])
  const { lastError } = await database.db
    .selectFrom('jobs')
    .select('lastError')
    .executeTakeFirstOrThrow()
  expect(lastError).toBe('no route to host')
})

test('when a worker dies in the middle another one takes over after the lease, and its late finish changes nothing', async () => {
  const dying = newJobs()
  const hang = Promise.withResolvers<void>()
  const isHanging = Promise.withResolvers<void>()
  dying.handle('mail', async (job) => {
    isHanging.resolve()
    await hang.promise
    await database.transaction((tx) => job.complete(tx))
  })
  await dying.enqueue(database.db, 'mail', {})
  const stuck = dying.drain()
  await isHanging.promise

  const living = newJobs()
  let effects = 0
  living.handle('mail', (job) =>
    database.transaction(async (tx) => {
      effects += 1
      await job.complete(tx)
    }),
  )
  await living.drain()
  expect(effects).toBe(0)
  clock.advance(3 * MINUTE_MS)
  await living.drain()
  hang.resolve()
  await stuck

  expect(effects).toBe(1)
  expect(await states()).toEqual(['mail done 2'])
})

test('an effect and the end of its job are one transaction', async () => {
  const jobs = newJobs()
  let isFirst = true
  jobs.handle('credit', (job) =>
    database.transaction(async (tx) => {
      await sql`insert into schedules (name, next_at) values ('effect', now())`.execute(tx)
      await job.complete(tx)
      if (isFirst) {
        isFirst = false
        throw new Error('crash between effect and commit')
      }
    }),
  )
  await jobs.enqueue(database.db, 'credit', {})

  await jobs.drain()
  clock.advance(MINUTE_MS)
  await jobs.drain()

  expect(await database.db.selectFrom('schedules').select('name').execute()).toHaveLength(1)
  expect(await states()).toEqual(['credit done 2'])
})

test('a job for later waits for its time', async () => {
  const jobs = newJobs()
  let runs = 0
  jobs.handle('reminder', () => Promise.resolve(void (runs += 1)))
  await jobs.enqueue(database.db, 'reminder', {}, { runAt: clock.now() + MINUTE_MS })

  await jobs.drain()
  expect(runs).toBe(0)
  clock.advance(MINUTE_MS)
  await jobs.drain()
  expect(runs).toBe(1)
})

test('jobs done a week ago are forgotten, dead ones are kept', async () => {
  const jobs = newJobs()
  jobs.handle('fine', () => Promise.resolve())
  jobs.handle('broken', () => Promise.reject(new Error('no')))
  await jobs.enqueue(database.db, 'fine', {})
  await jobs.enqueue(database.db, 'broken', {}, { maxAttempts: 1 })
  await jobs.drain()

  clock.advance(8 * 24 * 60 * MINUTE_MS)
  await deleteDoneJobs(database.db, clock.now())

  expect(await states()).toEqual(['broken dead 1'])
})

test('of several processes one runs a recurring slot, and a missed slot is made up for once', async () => {
  let runs = 0
  const schedules = [1, 2, 3].map(() => {
    const schedule = createSchedule({ database, clock, log })
    schedule.every('reconcile', MINUTE_MS, () => Promise.resolve(void (runs += 1)))
    return schedule
  })
  const tick = async () => {
    for (const schedule of schedules) schedule.start()
    for (const schedule of schedules) await schedule.stop()
  }

  await tick()
  await tick()
  expect(runs).toBe(1)
  clock.advance(10 * MINUTE_MS)
  await tick()
  expect(runs).toBe(2)
})

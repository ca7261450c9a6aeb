import { PGlite } from '@electric-sql/pglite'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { DurableNodeFS } from '../../../src/platform/database/durable-filesystem.ts'
import { DURABLE_PARAMETERS } from '../../../src/platform/database/durable-parameters.ts'
import { createDisk } from './power-cut.ts'

const ROUNDS = 4
const folder = mkdtempSync(join(tmpdir(), 'farebox-power-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const live = join(folder, 'live')
const openFolder = (files: DurableNodeFS) =>
  PGlite.create({ fs: files, startParams: DURABLE_PARAMETERS })

async function prepare(): Promise<void> {
  rmSync(live, { recursive: true, force: true })
  const database = await openFolder(new DurableNodeFS(live))
  await database.exec(`create table marks (round integer, n integer, primary key (round, n));
    create table total (id integer primary key, n bigint); insert into total values (1, 0)`)
  await database.close()
}

/** Commits, with checkpoints and vacuums in between, and answers how many commits were acknowledged. */
async function work(database: PGlite, round: number): Promise<number> {
  const count = 30 + Math.floor(Math.random() * 60)
  for (let n = 0; n < count; n++) {
    await database.transaction(async (tx) => {
      await tx.query('insert into marks values ($1, $2)', [round, n])
      await tx.query('update total set n = n + 1')
    })
    if (n % 25 === 24) await database.exec('checkpoint')
    if (n % 40 === 39) await database.exec('vacuum total')
  }
  return count
}

async function look(path: string, round: number) {
  const database = await openFolder(new DurableNodeFS(path))
  const marks = await database.query<{ n: number }>(
    'select count(*)::int as n from marks where round = $1',
    [round],
  )
  const all = await database.query<{ marks: number; total: number }>(
    'select (select count(*) from marks)::int as marks, (select n from total)::int as total',
  )
  await database.close()
  return { ofRound: marks.rows[0]?.n, ...all.rows[0] }
}

test.each([
  ['nothing unsynced survives', 0],
  ['half of the unsynced blocks survive', 0.5],
])(
  'after a power cut every acknowledged commit is there and the folder opens: %s',
  async (_, survival) => {
    await prepare()

    for (let round = 0; round < ROUNDS; round++) {
      const { files, disk } = createDisk(live, join(folder, 'shadow'))
      const database = await openFolder(files)
      const acknowledged = await work(database, round)
      disk.cut(join(folder, 'cut'), survival)
      await database.close()

      const found = await look(join(folder, 'cut'), round)

      expect(found.ofRound).toBe(acknowledged)
      expect(found.total).toBe(found.marks)
    }
  },
)

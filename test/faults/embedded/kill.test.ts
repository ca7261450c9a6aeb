import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'kysely'
import { afterAll, expect, test } from 'vitest'
import { type Database, openDatabase } from '../../../src/platform/database/database.ts'

const ROUNDS = 5
const folder = mkdtempSync(join(tmpdir(), 'farebox-kill-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const stop = (error: Error): never => {
  throw error
}
const open = (): Promise<Database> =>
  openDatabase({ storage: { kind: 'folder', folder }, onFailure: stop })

/** Runs the writer for a moment, kills it, and answers the highest row it was told is durable. */
async function writeAndKill(run: number): Promise<number> {
  const writer = spawn(
    process.execPath,
    [join(import.meta.dirname, 'writer.ts'), folder, String(run)],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  let output = ''
  writer.stdout.setEncoding('utf8').on('data', (part: string) => (output += part))
  while (!output.includes('ready')) await once(writer.stdout, 'data')
  await new Promise((resolve) => setTimeout(resolve, 150 + run * 40))
  writer.kill('SIGKILL')
  await once(writer, 'exit')
  const complete = output.slice(0, output.lastIndexOf('\n')).split('\n')
  return Number(complete.at(-1))
}

test('what was acknowledged survives kill -9, and half a transaction never does', async () => {
  for (let run = 0; run < ROUNDS; run++) {
    const last = await writeAndKill(run)
    const database = await open()

    const { rows } = await sql<{
      n: number
    }>`select n from acknowledged where run = ${run} order by n`.execute(database.db)
    const { rows: sums } = await sql<{ total: bigint; count: bigint }>`
      select (select total from balance) as total, (select count(*) from acknowledged) as count`.execute(
      database.db,
    )
    await database.close()

    expect(last).toBeGreaterThan(0)
    expect(rows.map(({ n }) => n)).toEqual(Array.from({ length: rows.length }, (_, n) => n))
    expect(rows.length).toBeGreaterThan(last)
    expect(sums[0]?.total).toBe(sums[0]?.count)
  }
})

test('a folder that a process has open is refused to the next, and free as soon as the process is killed', async () => {
  const first = await open()
  await expect(open()).rejects.toMatchObject({ code: 'data_folder_in_use' })
  await first.close()

  const second = await open()
  await second.close()
})

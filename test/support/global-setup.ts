import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import type { TestProject } from 'vitest/node'
import { openEmbedded } from '../../src/platform/database/embedded.ts'
import { openDatabase } from '../../src/platform/database/database.ts'
import { migrate, MIGRATIONS_FOLDER } from '../../src/platform/database/migrate.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** Where a test worker gets a migrated database from. */
    database: TestDatabaseSource
  }
}

export type TestDatabaseSource =
  | { readonly kind: 'embedded'; readonly templateFile: string }
  | { readonly kind: 'server'; readonly url: string; readonly template: string }

const CACHE = join(import.meta.dirname, '../../build/test')

/** One migrated template for the whole run; each worker starts from a copy of it. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const url = process.env['TEST_DATABASE_URL']
  if (url === undefined || url === '') {
    project.provide('database', { kind: 'embedded', templateFile: await embeddedTemplate() })
    return undefined
  }
  const template = `farebox_template_${process.pid}`
  await serverTemplate(url, template)
  project.provide('database', { kind: 'server', url, template })
  return async () => {
    const client = new pg.Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ datname: string }>(
      `select datname from pg_database where datname like $1`,
      [`${template}%`],
    )
    for (const { datname } of rows)
      await client.query(`drop database if exists ${datname} with (force)`)
    await client.end()
  }
}

async function embeddedTemplate(): Promise<string> {
  const migrations = readdirSync(MIGRATIONS_FOLDER).toSorted()
  const hash = createHash('sha256')
  for (const file of migrations)
    hash.update(file).update(readFileSync(join(MIGRATIONS_FOLDER, file)))
  const file = join(CACHE, `migrated-${hash.digest('hex').slice(0, 16)}.tar`)
  if (existsSync(file)) return file

  rmSync(CACHE, { recursive: true, force: true })
  mkdirSync(CACHE, { recursive: true })
  const stop = (error: Error): never => {
    throw error
  }
  // Migrated by one host and dumped by it: the pool below is closed first, the backend stays.
  const embedded = await openEmbedded({ kind: 'memory' }, stop)
  const database = await openDatabase({ embedded })
  await migrate(database.db)
  await embedded.dump(`${file}.tmp`)
  await database.close()
  renameSync(`${file}.tmp`, file)
  return file
}

async function serverTemplate(url: string, name: string): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const database = await openDatabase({ url: databaseUrl(url, name) })
  await migrate(database.db)
  await database.close()
}

export function databaseUrl(url: string, name: string): string {
  const address = new URL(url)
  address.pathname = `/${name}`
  return address.href
}

import { sql } from 'kysely'
import pg from 'pg'
import { inject } from 'vitest'
import { type Database, openDatabase } from '../../src/platform/database/database.ts'
import { databaseUrl } from './global-setup.ts'

const KEPT_TABLES = ['migrations', 'migrations_lock']

/** One database per test worker, emptied for each test file that asks for it. */
let shared: Promise<Database> | undefined

/**
 * A migrated, empty database of the real kind: embedded, or PostgreSQL when TEST_DATABASE_URL names one. Call it in
 * `beforeAll` or at the top of a test; what an earlier file left is gone.
 */
export async function testDatabase(): Promise<Database> {
  shared ??= open()
  const database = await shared
  const { rows } = await sql<{ name: string }>`
    select string_agg(quote_ident(c.relname), ', ') as name from pg_class c
    join pg_namespace n on n.oid = c.relnamespace
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition
      and c.relname <> all(${KEPT_TABLES})`.execute(database.db)
  await sql`truncate ${sql.raw(rows[0]?.name ?? '')}`.execute(database.db)
  return database
}

async function open(): Promise<Database> {
  const source = inject('database')
  if (source.kind === 'embedded') {
    return openDatabase({
      storage: { kind: 'memory', templateFile: source.templateFile },
      onFailure: (error) => {
        throw error
      },
    })
  }
  return openDatabase({ url: await createServerDatabase(source) })
}

/** The address of an empty database that several processes can open; undefined without a server. */
export async function aServerDatabase(): Promise<string | undefined> {
  const source = inject('database')
  return source.kind === 'embedded' ? undefined : createServerDatabase(source)
}

async function createServerDatabase(source: { url: string; template: string }): Promise<string> {
  const name = `${source.template}_${process.pid}_${Math.random().toString(36).slice(2, 8)}`
  const client = new pg.Client({ connectionString: source.url })
  await client.connect()
  await client.query(`create database ${name} template ${source.template}`)
  await client.end()
  return databaseUrl(source.url, name)
}

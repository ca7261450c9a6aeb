import { sql } from 'kysely'
import { type Migration, type MigrationProvider, Migrator } from 'kysely/migration'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../../errors.ts'
import type { Db } from './database.ts'

/** The package's `migrations` folder: numbered SQL files, forward only, never changed once released. */
export const MIGRATIONS_FOLDER = join(import.meta.dirname, '..', '..', '..', 'migrations')

const TABLES = { migrationTableName: 'migrations', migrationLockTableName: 'migrations_lock' }

/**
 * Brings the database up to date; several starters at once wait for each other. Returns the names of what it ran.
 * A database that is newer than this program is refused rather than misread.
 */
export async function migrate(db: Db, folder: string = MIGRATIONS_FOLDER): Promise<string[]> {
  const provider = await readMigrations(folder)
  const migrator = new Migrator({ db, provider, ...TABLES })
  await refuseUnknown(db, await provider.getMigrations())
  const { error, results = [] } = await migrator.migrateToLatest()
  if (error !== undefined) {
    const failed = results.find(({ status }) => status === 'Error')
    throw new AppError(
      'migration_failed',
      { name: failed?.migrationName ?? 'unknown' },
      { cause: error },
    )
  }
  return results.map(({ migrationName }) => migrationName)
}

/** The migrations that have not run yet. */
export async function pendingMigrations(
  db: Db,
  folder: string = MIGRATIONS_FOLDER,
): Promise<string[]> {
  const provider = await readMigrations(folder)
  const migrator = new Migrator({ db, provider, ...TABLES })
  const migrations = await migrator.getMigrations()
  return migrations.filter(({ executedAt }) => executedAt === undefined).map(({ name }) => name)
}

async function readMigrations(folder: string): Promise<MigrationProvider> {
  const files = (await readdir(folder)).filter((file) => file.endsWith('.sql')).toSorted()
  const entries = await Promise.all(
    files.map(async (file): Promise<[string, Migration]> => {
      const text = await readFile(join(folder, file), 'utf8')
      return [
        file.slice(0, -'.sql'.length),
        { up: async (db) => void (await sql.raw(text).execute(db)) },
      ]
    }),
  )
  return { getMigrations: () => Promise.resolve(Object.fromEntries(entries)) }
}

async function refuseUnknown(db: Db, known: Record<string, Migration>): Promise<void> {
  const { rows: tables } = await sql<{ exists: boolean }>`
    select to_regclass('migrations') is not null as exists`.execute(db)
  if (tables[0]?.exists !== true) return
  const { rows } = await sql<{ name: string }>`select name from migrations`.execute(db)
  const unknown = rows.map(({ name }) => name).filter((name) => known[name] === undefined)
  if (unknown.length > 0) throw new AppError('database_is_newer', { name: unknown[0] ?? '' })
}

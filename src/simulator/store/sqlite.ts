import { mkdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { DatabaseSync } from 'node:sqlite'
import type { Kind } from './documents.ts'
import type { Storage, StoredChange } from './realm.ts'

export interface SqliteStorage extends Storage {
  realmIds(): readonly string[]
  close(): void
}

/** Two processes over one file would each believe their own memory. */
const SCHEMA_VERSION = 1

/**
 * Keeps every commit in one file: state, events, due work and deliveries of a commit are written together or not at all.
 * Losing power may lose the last moments (the log is synced at checkpoints), never half a commit.
 */
export function openSqliteStorage(folder: string): SqliteStorage {
  mkdirSync(folder, { recursive: true })
  const database = open(join(folder, 'simulator.sqlite'))
  database.exec(
    'pragma journal_mode = wal; pragma synchronous = normal; pragma locking_mode = exclusive',
  )
  database.exec(
    `create table if not exists documents (
       realm text not null,
       kind text not null,
       id text not null,
       sequence integer not null,
       json text not null,
       primary key (realm, kind, id)
     ) without rowid, strict`,
  )
  checkVersion(database)
  const upsert = database.prepare(
    `insert into documents (realm, kind, id, sequence, json) values (?, ?, ?, ?, ?)
     on conflict (realm, kind, id) do update set sequence = excluded.sequence, json = excluded.json`,
  )
  const remove = database.prepare('delete from documents where realm = ? and kind = ? and id = ?')
  const select = database.prepare(
    'select kind, sequence, json from documents where realm = ? order by kind, sequence',
  )
  const realms = database.prepare('select distinct realm from documents order by realm')

  return {
    load(realmId, restore) {
      for (const row of select.iterate(realmId)) {
        restore(String(row['kind']) as Kind, String(row['json']), Number(row['sequence']))
      }
    },
    save(realmId, changes: readonly StoredChange[]) {
      database.exec('begin immediate')
      try {
        for (const { kind, id, sequence, json } of changes) {
          if (json === null) remove.run(realmId, kind, id)
          else upsert.run(realmId, kind, id, sequence, json)
        }
        database.exec('commit')
      } catch (error) {
        database.exec('rollback')
        throw error
      }
    },
    realmIds: () => realms.all().map((row) => String(row['realm'])),
    close: () => database.close(),
  }
}

/** Loaded only when a folder is used: in memory the simulator needs no database at all. */
function open(path: string): DatabaseSync {
  const sqlite = createRequire(import.meta.url)('node:sqlite') as {
    readonly DatabaseSync: typeof DatabaseSync
  }
  return new sqlite.DatabaseSync(path)
}

function checkVersion(database: DatabaseSync): void {
  const row = database.prepare('pragma user_version').get()
  const version = Number(row?.['user_version'] ?? 0)
  if (version === 0) {
    database.exec(`pragma user_version = ${SCHEMA_VERSION}`)
  } else if (version !== SCHEMA_VERSION) {
    throw new Error(
      `The simulator's file has format ${version}, this version reads ${SCHEMA_VERSION}. Delete it, or start with another folder.`,
    )
  }
}

import type { Db } from './database.ts'
import type { Tables } from './tables.generated.ts'

type Table = keyof Tables

// Belongs to the transactions, and ends with them.
const reads = new WeakMap<Db, Map<Table, Map<string, Promise<unknown>>>>()

/**
 * Reads within a transaction what it has not read yet. The rules that one cause sets off each ask for the rows they need,
 * often for the same; whoever writes to a table forgets what was read of it. Outside a transaction it just reads.
 */
export function readOnce<Read>(
  db: Db,
  table: Table,
  key: readonly string[],
  read: () => Promise<Read>,
): Promise<Read> {
  if (!db.isTransaction) return read()
  const tables = reads.get(db) ?? new Map<Table, Map<string, Promise<unknown>>>()
  reads.set(db, tables)
  const known = tables.get(table) ?? new Map<string, Promise<unknown>>()
  tables.set(table, known)
  const name = key.join(' ')
  const found = known.get(name) ?? read()
  known.set(name, found)
  return found as Promise<Read>
}

/** Before writing to a table; and of all tables after waiting for a lock, when others may have written. */
export function forgetReads(tx: Db, table?: Table): void {
  if (table === undefined) reads.delete(tx)
  else reads.get(tx)?.delete(table)
}

import { INDEXED_FIELDS, type Documents, type Kind } from './documents.ts'
import { createTable, type Table } from './table.ts'

export type Tables = { readonly [K in Kind]: Table<Documents[K]> }

export function createTables(): Tables {
  const entries = Object.entries(INDEXED_FIELDS).map(([kind, fields]) => [
    kind,
    createTable(fields),
  ])
  return Object.fromEntries(entries) as Tables
}

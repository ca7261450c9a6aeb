import { sql } from 'kysely'
import { type Db, openDatabase } from '../src/platform/database/database.ts'
import { migrate } from '../src/platform/database/migrate.ts'

const TYPES: Record<string, string> = {
  bool: 'boolean',
  date: 'string',
  int4: 'number',
  int8: 'bigint',
  jsonb: 'Json',
  numeric: 'Numeric',
  text: 'string',
  _int4: 'number[]',
  _text: 'string[]',
  timestamptz: 'Date',
}

interface Column {
  readonly table: string
  readonly name: string
  readonly type: string
  readonly isNullable: boolean
  readonly hasDefault: boolean
  readonly choices: string | null
}

async function readColumns(db: Db): Promise<Column[]> {
  const { rows } = await sql<Column>`
    select c.relname as "table", a.attname as name, t.typname as type,
      not a.attnotnull as "isNullable", a.atthasdef as "hasDefault",
      (select pg_get_constraintdef(k.oid) from pg_constraint k
        where k.conrelid = c.oid and k.contype = 'c' and k.conkey = array[a.attnum]
          and pg_get_constraintdef(k.oid) ~ '^CHECK \\(\\(\\w+ = (ANY|''\\w+'')' limit 1) as choices
    from pg_class c
    join pg_namespace n on n.oid = c.relnamespace and n.nspname = 'public'
    join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
    join pg_type t on t.oid = a.atttypid
    where c.relkind in ('r', 'p') and not c.relispartition and c.relname not like 'migrations%'
    order by c.relname, a.attnum`.execute(db)
  return rows
}

function camelCase(name: string): string {
  return name.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase())
}

function typeOf(column: Column): string {
  const choices = [...(column.choices ?? '').matchAll(/'([^']*)'::text/g)].map(
    (match) => `'${match[1]}'`,
  )
  const isMode = column.name === 'mode'
  const base = isMode ? 'Mode' : choices.length > 0 ? choices.join(' | ') : TYPES[column.type]
  if (base === undefined)
    throw new Error(`No type for ${column.table}.${column.name}: ${column.type}`)
  const nullable = column.isNullable ? `${base} | null` : base
  return column.hasDefault ? `WithDefault<${nullable}>` : nullable
}

function render(columns: readonly Column[]): string {
  const tables = Object.groupBy(columns, ({ table }) => table)
  const members = Object.entries(tables).map(([table, own = []]) => {
    const lines = own.map((column) => `    ${camelCase(column.name)}: ${typeOf(column)}`)
    return `  ${camelCase(table)}: {\n${lines.join('\n')}\n  }`
  })
  return `// Generated from migrations/*.sql by scripts/database-types.ts. Do not edit; run \`npm run generate\`.
import type { ColumnType } from 'kysely'

type Mode = 'test' | 'live'
/** Read as parsed JSON, written as its text. */
type Json = ColumnType<unknown, string, string>
/** Exact; read as a string, written as a string. */
type Numeric = ColumnType<string, string, string>
/** May be left out of an insert. */
type WithDefault<T> = [T] extends [ColumnType<infer S, infer I, infer U>]
  ? ColumnType<S, I | undefined, U>
  : ColumnType<T, T | undefined, T>

export interface Tables {
${members.join('\n')}
}
`
}

/** The row types of all tables, read from the migrated schema: SQL stays the one place where they are described. */
export async function databaseTypes(): Promise<string> {
  const database = await openDatabase({
    storage: { kind: 'memory' },
    onFailure: (error) => {
      throw error
    },
  })
  await migrate(database.db)
  const text = render(await readColumns(database.db))
  await database.close()
  return text
}

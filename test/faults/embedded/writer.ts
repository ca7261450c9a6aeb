/**
 * A process that commits as fast as it can and says which commits it was told are durable. It is killed in the middle;
 * the parent then looks whether every acknowledged row is there.
 */
import { sql } from 'kysely'
import { openDatabase } from '../../../src/platform/database/database.ts'

const [, , folder = '', run = '0'] = process.argv
const database = await openDatabase({
  storage: { kind: 'folder', folder },
  onFailure: (error) => {
    throw error
  },
})
await sql`create table if not exists acknowledged (run integer, n integer, primary key (run, n))`.execute(
  database.db,
)
await sql`create table if not exists balance (id integer primary key, total bigint not null)`.execute(
  database.db,
)
await sql`insert into balance values (1, 0) on conflict do nothing`.execute(database.db)
process.stdout.write('ready\n')
for (let n = 0; ; n++) {
  await database.transaction(async (tx) => {
    await sql`insert into acknowledged values (${Number(run)}, ${n})`.execute(tx)
    await sql`update balance set total = total + 1`.execute(tx)
  })
  process.stdout.write(`${n}\n`)
}

import { sql } from 'kysely'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import { type Period, startOfHour } from '../../kit/period.ts'
import type { Db } from '../../platform/database/database.ts'

export async function add(
  tx: Db,
  mode: Mode,
  hour: Instant,
  code: string,
  count: number,
): Promise<void> {
  await sql`insert into refused_calls (mode, hour, code, count)
    values (${mode}, ${new Date(hour)}, ${code}, ${count})
    on conflict (mode, hour, code) do update set count = refused_calls.count + excluded.count`.execute(
    tx,
  )
}

/** Of the hours that the period touches. */
export async function count(
  db: Db,
  mode: Mode,
  codes: readonly string[],
  { startsAt, endsAt }: Period,
): Promise<number> {
  const row = await db
    .selectFrom('refusedCalls')
    .select(({ fn }) => fn.sum<bigint | null>('count').as('count'))
    .where('mode', '=', mode)
    .where('code', 'in', codes)
    .where('hour', '>=', new Date(startOfHour(startsAt)))
    .where('hour', '<', new Date(endsAt))
    .executeTakeFirstOrThrow()
  return Number(row.count ?? 0)
}

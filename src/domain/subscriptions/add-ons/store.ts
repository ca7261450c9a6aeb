import type { Selectable } from 'kysely'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Tables } from '../../../platform/database/tables.generated.ts'
import type { AddOnChoice } from '../subscription.ts'

/** An add-on as a subscription has or had it. */
export interface AddOnStay extends AddOnChoice {
  readonly startsAt: Instant
  readonly endsAt: Instant | null
}

export async function list(db: Db, mode: Mode, subscriptionId: string): Promise<AddOnStay[]> {
  const rows = await db
    .selectFrom('heldAddOns')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', '=', subscriptionId)
    .orderBy('startsAt')
    .orderBy('addOnVersionId')
    .execute()
  return rows.map(fromRow)
}

/** Of many subscriptions at once. */
export async function listOf(
  db: Db,
  mode: Mode,
  ids: readonly string[],
): Promise<(AddOnStay & { readonly subscriptionId: string })[]> {
  const rows = await db
    .selectFrom('heldAddOns')
    .selectAll()
    .where('mode', '=', mode)
    .where('subscriptionId', 'in', ids)
    .orderBy('startsAt')
    .orderBy('addOnVersionId')
    .execute()
  return rows.map((row) => ({ ...fromRow(row), subscriptionId: row.subscriptionId }))
}

export async function insert(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  { versionId, quantity }: AddOnChoice,
  startsAt: Instant,
): Promise<void> {
  await tx
    .insertInto('heldAddOns')
    .values({
      mode,
      subscriptionId,
      addOnVersionId: versionId,
      quantity,
      startsAt: new Date(startsAt),
    })
    .execute()
}

/** One that would last no time at all leaves no trace. */
export async function end(
  tx: Db,
  mode: Mode,
  subscriptionId: string,
  { versionId, startsAt }: AddOnStay,
  at: Instant,
): Promise<void> {
  const where = { mode, subscriptionId, addOnVersionId: versionId, startsAt: new Date(startsAt) }
  if (startsAt >= at) {
    await tx
      .deleteFrom('heldAddOns')
      .where((is) => is.and(where))
      .execute()
    return
  }
  await tx
    .updateTable('heldAddOns')
    .set({ endsAt: new Date(at) })
    .where((is) => is.and(where))
    .execute()
}

function fromRow(row: Selectable<Tables['heldAddOns']>): AddOnStay {
  return {
    versionId: row.addOnVersionId,
    quantity: row.quantity,
    startsAt: row.startsAt.getTime(),
    endsAt: row.endsAt?.getTime() ?? null,
  }
}

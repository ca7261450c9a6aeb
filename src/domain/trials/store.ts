import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Redemption } from './redemption.ts'

/** The first one counts. */
export async function insert(
  tx: Db,
  mode: Mode,
  { customerId, subscriptionId, redeemedAt }: Redemption,
): Promise<void> {
  await tx
    .insertInto('trialRedemptions')
    .values({ mode, customerId, subscriptionId, redeemedAt: new Date(redeemedAt) })
    .onConflict((conflict) => conflict.columns(['mode', 'customerId']).doNothing())
    .execute()
}

export async function find(
  db: Db,
  mode: Mode,
  customerId: string,
): Promise<Redemption | undefined> {
  const row = await db
    .selectFrom('trialRedemptions')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .executeTakeFirst()
  return row && { ...row, redeemedAt: row.redeemedAt.getTime() }
}

/** Whose trial the card was first seen with: from now on this customer's, if it is nobody's. */
export async function claimCard(
  tx: Db,
  mode: Mode,
  fingerprint: string,
  customerId: string,
  now: Instant,
): Promise<string> {
  await tx
    .insertInto('trialCards')
    .values({ mode, fingerprint, customerId, seenAt: new Date(now) })
    .onConflict((conflict) => conflict.columns(['mode', 'fingerprint']).doNothing())
    .execute()
  const row = await tx
    .selectFrom('trialCards')
    .select('customerId')
    .where('mode', '=', mode)
    .where('fingerprint', '=', fingerprint)
    .executeTakeFirstOrThrow()
  return row.customerId
}

import type { Selectable } from 'kysely'
import { decimal, formatDecimal } from '../../kit/decimal.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Db } from '../../platform/database/database.ts'
import type { Tables } from '../../platform/database/tables.generated.ts'
import type { Budget } from './budget.ts'

export async function insert(tx: Db, budget: Budget): Promise<void> {
  const { mode, id, customerId, apiKeyId, createdAt } = budget
  await tx
    .insertInto('budgets')
    .values({
      mode,
      id,
      customerId,
      apiKeyId,
      createdAt: new Date(createdAt),
      ...changeable(budget),
    })
    .execute()
}

export async function update(tx: Db, budget: Budget): Promise<void> {
  await tx
    .updateTable('budgets')
    .set(changeable(budget))
    .where('mode', '=', budget.mode)
    .where('id', '=', budget.id)
    .execute()
}

export async function remove(tx: Db, { mode, id }: Budget): Promise<void> {
  await tx.deleteFrom('budgets').where('mode', '=', mode).where('id', '=', id).execute()
}

export async function find(db: Db, mode: Mode, id: string): Promise<Budget | undefined> {
  const row = await db
    .selectFrom('budgets')
    .selectAll()
    .where('mode', '=', mode)
    .where('id', '=', id)
    .executeTakeFirst()
  return row && fromRow(row)
}

/** Oldest first; a customer has few. */
export async function listOfCustomer(db: Db, mode: Mode, customerId: string): Promise<Budget[]> {
  const rows = await db
    .selectFrom('budgets')
    .selectAll()
    .where('mode', '=', mode)
    .where('customerId', '=', customerId)
    .orderBy('id')
    .execute()
  return rows.map(fromRow)
}

/** Customers with budgets whose usage changed since, in the order of their ids. */
export async function listCustomersUsing(
  db: Db,
  mode: Mode,
  since: { readonly updatedSince: Instant; readonly bucketSince: Instant },
  after: string,
  limit: number,
): Promise<string[]> {
  const rows = await db
    .selectFrom('budgets')
    .select('customerId')
    .distinct()
    .where('mode', '=', mode)
    .where('customerId', '>', after)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('usageRollups')
          .select('usageRollups.meterKey')
          .whereRef('usageRollups.mode', '=', 'budgets.mode')
          .whereRef('usageRollups.customerId', '=', 'budgets.customerId')
          .where('usageRollups.bucketAt', '>=', new Date(since.bucketSince))
          .where('usageRollups.updatedAt', '>=', new Date(since.updatedSince)),
      ),
    )
    .orderBy('customerId')
    .limit(limit)
    .execute()
  return rows.map(({ customerId }) => customerId)
}

function changeable(budget: Budget) {
  const { name, measure, amount, window, isHard, alertPercents, updatedAt } = budget
  return {
    name,
    meterKey: measure.kind === 'units' ? measure.meterKey : null,
    currency: measure.kind === 'money' ? measure.currency : null,
    amount: formatDecimal(amount),
    budgetWindow: window,
    isHard,
    alertPercents: [...alertPercents],
    updatedAt: new Date(updatedAt),
  }
}

function fromRow(row: Selectable<Tables['budgets']>): Budget {
  const { meterKey, currency, amount, budgetWindow, createdAt, updatedAt, ...rest } = row
  return {
    ...rest,
    measure:
      meterKey === null ? { kind: 'money', currency: currency ?? '' } : { kind: 'units', meterKey },
    amount: decimal(trimZeros(amount)),
    window: budgetWindow,
    createdAt: createdAt.getTime(),
    updatedAt: updatedAt.getTime(),
  }
}

function trimZeros(numeric: string): string {
  return numeric.includes('.') ? numeric.replace(/\.?0+$/, '') : numeric
}

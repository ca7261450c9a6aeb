import { type Decimal, decimal, ZERO } from '../../../kit/decimal.ts'
import type { Instant } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Period } from '../../../kit/period.ts'
import type { Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import { type CreditAccount, type LedgerCause, type Movement, post } from '../account.ts'
import type { Credits } from '../service.ts'
import { parseUnit } from '../unit-text.ts'
import type { CreditTerms } from './credit-terms.ts'
import { holdUnits, partsOf, type Purse, unburnedParts } from './purses.ts'
import * as store from './store.ts'

interface BurningDeps {
  readonly accounts: Accounts
  readonly credits: Pick<Credits, 'loadIn' | 'appendIn' | 'returnIn' | 'toldIn'>
}

/** What usage takes from balances, and gives back to them. The customer is locked. */
export function createBurning({ accounts, credits }: BurningDeps) {
  async function pursesOf(tx: Db, customer: Customer, { rates }: CreditTerms): Promise<Purse[]> {
    const purses: Purse[] = []
    for (const { unit, perUnit } of rates) {
      const parsed = parseUnit(unit)
      if (parsed === undefined) continue
      const account = await credits.loadIn(tx, customer, parsed)
      purses.push({ account, unit, perUnit: decimal(perUnit) })
    }
    return purses
  }

  /** Writes what was decided on some accounts and tells whoever watches the balances. */
  async function write(
    tx: Db,
    customer: Customer,
    movements: ReadonlyMap<CreditAccount, readonly Movement[]>,
  ): Promise<void> {
    for (const [account, own] of movements) {
      if (own.length === 0) continue
      await credits.appendIn(tx, customer, post(account, own))
      await credits.toldIn(tx, customer, account.unit)
    }
  }

  /** Pays for usage that was counted without asking, as far as credits reach; answers what they did not pay. */
  async function burnIn(
    tx: Db,
    customer: Customer,
    of: {
      readonly mode: Mode
      readonly subscriptionId: string
      readonly credit: CreditTerms
      readonly at: Instant
    },
    units: Decimal,
  ): Promise<Decimal> {
    if (units <= ZERO) return ZERO
    const { mode, subscriptionId, credit, at } = of
    const { featureKey } = credit
    const now = accounts.now(customer)
    const cause = causeOf(subscriptionId)
    const purses = await pursesOf(tx, customer, credit)
    const { shares, missing } = holdUnits(units, purses, { featureKey, now, cause })
    const movements = purses.map(({ account, unit }) => {
      const holds = shares.filter((share) => share.unit === unit).flatMap((share) => share.holds)
      return [account, holds.map((hold) => move(hold, 'burned', cause))] as const
    })
    await write(tx, customer, new Map(movements))
    for (const { unit, perUnit, units: paid, holds } of shares) {
      const leases = holds.map((hold, i) => ({ ...hold, id: BigInt(i), unit, perUnit }))
      const { parts } = partsOf(paid, leases)
      await store.addBurns(tx, { mode, subscriptionId, featureKey }, at, parts)
    }
    return missing
  }

  /** Gives back what so many units of a time were paid with, because they were not used after all. */
  async function unburnIn(
    tx: Db,
    customer: Customer,
    of: {
      readonly subscriptionId: string
      readonly credit: Pick<CreditTerms, 'featureKey' | 'rates'>
      readonly period: Period
    },
    units: Decimal,
  ): Promise<void> {
    const { subscriptionId, credit, period } = of
    const burns = await store.listBurns(tx, customer.mode, subscriptionId, period)
    const own = burns.filter(({ featureKey }) => featureKey === credit.featureKey)
    const parts = unburnedParts(units, own, credit.rates)
    await store.removeBurns(tx, customer.mode, subscriptionId, parts)
    for (const [unit, back] of Map.groupBy(parts, (part) => part.unit)) {
      const parsed = parseUnit(unit)
      if (parsed === undefined) continue
      const account = await credits.loadIn(tx, customer, parsed)
      const movements = back
        .filter(({ amount }) => amount > ZERO)
        .map((part) => move(part, 'adjusted', causeOf(subscriptionId)))
      await credits.returnIn(tx, customer, post(account, movements))
    }
  }

  return { pursesOf, write, burnIn, unburnIn }
}

export function causeOf(subscriptionId: string): LedgerCause {
  return { kind: 'usage', id: subscriptionId }
}

export function move(
  { grantId, amount }: { readonly grantId: string; readonly amount: Decimal },
  type: Movement['type'],
  cause: LedgerCause,
): Movement {
  return { grantId, type, amount, cause }
}

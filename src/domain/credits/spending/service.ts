import {
  add,
  type Decimal,
  formatDecimal,
  maxDecimal,
  minDecimal,
  subtract,
  ZERO,
} from '../../../kit/decimal.ts'
import type { Clock } from '../../../kit/clock.ts'
import { type Instant, SECOND_MS } from '../../../kit/instant.ts'
import type { Mode } from '../../../kit/mode.ts'
import type { Period } from '../../../kit/period.ts'
import type { Database, Db } from '../../../platform/database/database.ts'
import type { Customer } from '../../accounts/customer.ts'
import type { Accounts } from '../../accounts/service.ts'
import {
  decideLease,
  type LeaseAnswer,
  type LeaseAsk,
  type Settlement,
  type Spending,
} from '../../entitlements/quota.ts'
import { type CreditAccount, type Movement } from '../account.ts'
import { CREDIT_NEWS } from '../booking.service.ts'
import type { Credits } from '../service.ts'
import { parseUnit } from '../unit-text.ts'
import { causeOf, createBurning, move } from './burning.service.ts'
import type { CreditTerms } from './credit-terms.ts'
import { affordableUnits, holdUnits, type LeasePart, partsOf } from './purses.ts'
import * as store from './store.ts'

interface SpendingDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly clock: Clock
  readonly credits: Pick<Credits, 'loadIn' | 'appendIn' | 'returnIn' | 'toldIn'>
}

/** Somebody has to look at a customer's credits again: they changed, or others are short of them. */
export interface CreditNews {
  readonly mode: Mode
  readonly customerId: string
  /** False: only what is not needed is asked back. */
  readonly isChanged: boolean
}

type CreditAsk = LeaseAsk & { readonly credit: CreditTerms }
type CreditSpent = Spending & { readonly credit: CreditTerms }
type CreditSettlement = Settlement & { readonly credit: CreditTerms }

/** So long after a recall, what holders had in stock may still be on its way back. */
const RECALL_MS = 300
/** And so long nobody is asked again. */
const RECALL_PAUSE_MS = SECOND_MS
const MAX_RECALLS_REMEMBERED = 10_000

export type CreditSpending = ReturnType<typeof createCreditSpending>

/**
 * Credits that gateways spend. Units are reserved on grants when they are leased, so that the balance is never passed
 * however many spend from it, and burned when the usage log proves that they were used.
 */
export function createCreditSpending(deps: SpendingDeps) {
  const { database, accounts, clock, credits } = deps
  const recalledAt = new Map<string, Instant>()
  const { burnIn, pursesOf, unburnIn, write } = createBurning({ accounts, credits })

  async function lease(producerId: string, ask: CreditAsk): Promise<LeaseAnswer> {
    const { mode, subscriptionId, credit, debt, need, want } = ask
    const { customerId, featureKey } = credit
    const key = { producerId, mode, customerId, subscriptionId, featureKey }
    return database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const now = accounts.now(customer)
      const context = { featureKey, now, cause: causeOf(subscriptionId) }
      const purses = await pursesOf(tx, customer, credit)
      const spender = await store.findSpender(tx, key)
      // What the log has told already was paid then.
      const known = minDecimal(debt, maxDecimal(spender.ahead, ZERO))
      const owed = holdUnits(subtract(debt, known), purses, context)
      const ceiling = affordableUnits(owed.purses, featureKey, now)
      const { granted, isShort } = decideLease(ZERO, false, { ceiling, debt: ZERO, need, want })
      const leased = holdUnits(granted, owed.purses, context)
      const shares = [...owed.shares, ...leased.shares]
      const movements = purses.map(({ account, unit }) => {
        const holds = shares.filter((share) => share.unit === unit).flatMap((share) => share.holds)
        return [account, holds.map((hold) => move(hold, 'reserved', context.cause))] as const
      })
      await write(tx, customer, new Map(movements))
      await store.addLeases(tx, key, shares)
      const ahead = subtract(subtract(spender.ahead, known), owed.missing)
      await store.saveSpender(tx, key, { ...spender, ahead })
      const isRecalling = isShort && (await recall(tx, key))
      const parts = leased.shares.map(({ unit, perUnit, units }) => ({
        unit,
        perUnit: formatDecimal(perUnit),
        units,
      }))
      return { kind: 'leased', granted, total: ZERO, isRecalling, parts }
    })
  }

  /** Asks others for what they have in stock, once in a while; whether it may be on its way. */
  async function recall(tx: Db, { mode, customerId, producerId }: store.SpenderKey) {
    if (!(await store.hasOtherHolders(tx, mode, customerId, producerId))) return false
    const id = `${mode} ${customerId}`
    const sinceMs = clock.now() - (recalledAt.get(id) ?? Number.NEGATIVE_INFINITY)
    if (sinceMs < RECALL_MS) return true
    if (sinceMs < RECALL_PAUSE_MS) return false
    if (recalledAt.size >= MAX_RECALLS_REMEMBERED) recalledAt.clear()
    recalledAt.set(id, clock.now())
    const news: CreditNews = { mode, customerId, isChanged: false }
    await database.publish(tx, CREDIT_NEWS, JSON.stringify(news))
    return true
  }

  /** Ends leases: `burned` of them is used, the rest is released. */
  async function end(
    tx: Db,
    customer: Customer,
    key: store.SpenderKey,
    leases: readonly LeasePart[],
    type: 'burned' | 'released',
  ): Promise<void> {
    const cause = causeOf(key.subscriptionId)
    const movements = new Map<CreditAccount, readonly Movement[]>()
    for (const [unit, own] of Map.groupBy(leases, (part) => part.unit)) {
      const parsed = parseUnit(unit)
      if (parsed === undefined) continue
      const account = await credits.loadIn(tx, customer, parsed)
      movements.set(
        account,
        own.flatMap((part) => [
          move(part, 'released', cause),
          ...(type === 'burned' ? [move(part, 'burned', cause)] : []),
        ]),
      )
    }
    await write(tx, customer, movements)
  }

  async function giveBack(producerId: string, unspent: CreditSpent): Promise<void> {
    const { mode, subscriptionId, credit, units } = unspent
    const { customerId, featureKey } = credit
    const key = { producerId, mode, customerId, subscriptionId, featureKey }
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      await release(tx, customer, key, units)
    })
  }

  /** Answers the units that were not leased. */
  async function release(
    tx: Db,
    customer: Customer,
    key: store.SpenderKey,
    units: Decimal,
  ): Promise<Decimal> {
    if (units === ZERO) return ZERO
    const leases = await store.listLeases(tx, key)
    // What would have been used last comes back first.
    const { parts, left } = partsOf(units, leases.toReversed())
    await end(tx, customer, key, parts, 'released')
    await store.shrinkLeases(tx, key.mode, leases, parts)
    return left
  }

  async function settle(
    producerId: string,
    sequence: number,
    settled: readonly CreditSettlement[],
  ): Promise<void> {
    const [first] = settled
    if (first === undefined) return
    const { mode, subscriptionId, credit } = first
    const { customerId, featureKey } = credit
    const key = { producerId, mode, customerId, subscriptionId, featureKey }
    await database.transaction(async (tx) => {
      const customer = await accounts.lock(tx, mode, customerId)
      const spender = await store.findSpender(tx, key)
      if (spender.lastSequence >= sequence) return
      let { ahead } = spender
      for (const { units, unbilled = ZERO, window, credit: terms } of settled) {
        ahead = add(ahead, await release(tx, customer, key, unbilled))
        const leases = await store.listLeases(tx, key)
        const { parts, left } = partsOf(units, leases)
        await end(tx, customer, key, parts, 'burned')
        await store.shrinkLeases(tx, mode, leases, parts)
        await store.addBurns(tx, key, window.startsAt, parts)
        // Of what it is ahead with, a part may be known to be beyond what there is.
        const unpaid = minDecimal(left, maxDecimal(subtract(ZERO, ahead), ZERO))
        await burnIn(
          tx,
          customer,
          { ...key, credit: terms, at: window.startsAt },
          subtract(left, unpaid),
        )
        ahead = add(ahead, left)
      }
      await store.saveSpender(tx, key, { lastSequence: sequence, ahead })
    })
  }

  return {
    lease,
    giveBack,
    settle,
    burnIn,
    unburnIn,

    /** Releases whatever a producer that is gone has leased and not used. */
    async retire(producerId: string): Promise<void> {
      for (const key of await store.listSpenders(database.db, producerId)) {
        await database.transaction(async (tx) => {
          const customer = await accounts.lock(tx, key.mode, key.customerId)
          const leases = await store.listLeases(tx, key)
          const parts = leases.map((whole) => ({ ...whole, units: ZERO }))
          await end(tx, customer, key, parts, 'released')
          await store.removeSpender(tx, key)
        })
      }
    },

    onNews: (listener: (news: CreditNews) => void) =>
      database.subscribe(CREDIT_NEWS, (payload) => listener(JSON.parse(payload) as CreditNews)),

    /** Usage of a time that was paid when it happened. */
    burns: (mode: Mode, subscriptionId: string, period: Period, db: Db = database.db) =>
      store.listBurns(db, mode, subscriptionId, period),
  }
}

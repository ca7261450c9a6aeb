import { type FieldError, invalidRequest, notFound } from '../../errors.ts'
import { add, type Decimal, formatDecimal, multiply, ONE, ZERO } from '../../kit/decimal.ts'
import { newId } from '../../kit/id.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Caller } from '../audit/caller.ts'
import type { Audit } from '../audit/service.ts'
import type { Catalog } from '../catalog/service.ts'
import type { AccessChanges } from '../entitlements/access-changes.ts'
import type { Keys } from '../keys/service.ts'
import type { Metering } from '../metering/service.ts'
import { overriddenPhase } from '../subscriptions/overrides.ts'
import type { Subscription } from '../subscriptions/subscription.ts'
import type { Subscriptions } from '../subscriptions/service.ts'
import { type Budget, type BudgetRule, budgetWindowAt } from './budget.ts'
import { listPrices } from './list-price.ts'
import * as store from './store.ts'

const MAX_PER_CUSTOMER = 100

/** What people say about a budget; the rest follows from it. */
export type BudgetInput = Pick<
  Budget,
  'apiKeyId' | 'name' | 'measure' | 'amount' | 'window' | 'isHard' | 'alertPercents'
>
export type BudgetChange = Partial<Omit<BudgetInput, 'apiKeyId' | 'measure'>>

/** A budget and what is used of it in its current window. */
export interface BudgetReading {
  readonly budget: Budget
  readonly used: Decimal
  readonly window: Period
}

interface BudgetsDeps {
  readonly database: Database
  readonly accounts: Accounts
  readonly audit: Audit
  readonly accessChanges: AccessChanges
  readonly catalog: Catalog
  readonly keys: Pick<Keys, 'get'>
  readonly metering: Pick<Metering, 'totalOfOwner'>
  readonly subscriptions: Pick<Subscriptions, 'findLatest'>
}

export type Budgets = ReturnType<typeof createBudgets>

export function createBudgets(deps: BudgetsDeps) {
  const { database, accounts, audit, accessChanges, catalog, keys, metering, subscriptions } = deps

  async function getOwn(db: Db, mode: Mode, customerId: string, id: string): Promise<Budget> {
    const budget = await store.find(db, mode, id)
    if (budget === undefined || budget.customerId !== customerId) throw notFound('budget')
    return budget
  }

  async function refuseUnusable(mode: Mode, customerId: string, input: BudgetInput): Promise<void> {
    if (input.apiKeyId !== null) await keys.get(mode, customerId, input.apiKeyId)
    const { measure } = input
    const errors: FieldError[] = []
    if (measure.kind === 'units') {
      const meters = await catalog.meters(mode)
      const meter = meters.find(({ key }) => key === measure.meterKey)
      if (meter === undefined) {
        errors.push({ path: 'meterKey', message: 'names no meter' })
      } else if (meter.aggregation !== 'sum' && meter.aggregation !== 'count') {
        errors.push({
          path: 'meterKey',
          message: 'is no meter that adds up, so nothing can limit it',
        })
      }
    } else {
      const subscription = await subscriptions.findLatest(mode, customerId)
      if (subscription !== undefined && subscription.currency !== measure.currency) {
        const message = `must be ${subscription.currency}, which the subscription is in`
        errors.push({ path: 'currency', message })
      }
    }
    if (errors.length > 0) throw invalidRequest(errors)
  }

  /** What one unit of each meter takes of a budget in money. */
  async function pricesOf(
    subscription: Subscription | undefined,
    db: Db,
  ): Promise<{ currency: string; prices: Record<string, Decimal> }> {
    if (subscription === undefined) return { currency: '', prices: {} }
    const { mode, planVersionId, phaseKey, currency, overrides } = subscription
    const { definition } = await catalog.getVersion(mode, planVersionId, db)
    const phase = definition.phases.find(({ key }) => key === phaseKey)
    const features = await catalog.features(mode, db)
    const prices =
      phase === undefined ? {} : listPrices(overriddenPhase(phase, overrides), features, currency)
    return { currency, prices }
  }

  async function toRules(
    budgets: readonly Budget[],
    { timeZone }: Customer,
    subscription: Subscription | undefined,
    db: Db,
  ): Promise<BudgetRule[]> {
    if (budgets.length === 0) return []
    const isPriced = budgets.some(({ measure }) => measure.kind === 'money')
    const { currency, prices } = await pricesOf(isPriced ? subscription : undefined, db)
    return budgets.map(({ id, name, customerId, apiKeyId, measure, amount, isHard, window }) => {
      const ofMoney = measure.kind === 'money' && measure.currency === currency ? prices : {}
      return {
        id,
        name,
        customerId,
        apiKeyId,
        worth: measure.kind === 'units' ? { [measure.meterKey]: ONE } : ofMoney,
        unit: measure.kind === 'units' ? measure.meterKey : measure.currency.toUpperCase(),
        limit: amount,
        isHard,
        window,
        timeZone,
      }
    })
  }

  async function used(
    mode: Mode,
    { customerId, apiKeyId, worth }: Pick<BudgetRule, 'customerId' | 'apiKeyId' | 'worth'>,
    window: Period,
  ): Promise<Decimal> {
    let sum = ZERO
    for (const [meterKey, value] of Object.entries(worth)) {
      const owner = { customerId, apiKeyId }
      const units = await metering.totalOfOwner(mode, owner, meterKey, window)
      sum = add(sum, (multiply(units, value) / ONE) as Decimal)
    }
    return sum
  }

  async function read(mode: Mode, customerId: string): Promise<BudgetReading[]> {
    const budgets = await store.listOfCustomer(database.db, mode, customerId)
    const customer = await accounts.get(mode, customerId)
    const now = accounts.now(customer)
    const latest = await subscriptions.findLatest(mode, customerId)
    const rules = await toRules(budgets, customer, latest, database.db)
    return Promise.all(
      rules.map(async (rule, i) => {
        const window = budgetWindowAt(rule, now)
        return { budget: budgets[i] as Budget, used: await used(mode, rule, window), window }
      }),
    )
  }

  async function readOne(budget: Budget): Promise<BudgetReading> {
    const readings = await read(budget.mode, budget.customerId)
    const reading = readings.find(({ budget: { id } }) => id === budget.id)
    if (reading === undefined) throw notFound('budget')
    return reading
  }

  return {
    /** All budgets of a customer and of its keys, with what is used of them now. */
    read,
    used,

    /** The budgets calls with a key count against; without a key, those of the customer alone. */
    async rulesFor(
      customer: Customer,
      apiKeyId: string | null,
      subscription: Subscription | undefined,
      db: Db = database.db,
    ): Promise<BudgetRule[]> {
      const all = await store.listOfCustomer(db, customer.mode, customer.id)
      const own = all.filter((budget) => budget.apiKeyId === null || budget.apiKeyId === apiKeyId)
      return toRules(own, customer, subscription, db)
    },

    async create(caller: Caller, customerId: string, input: BudgetInput): Promise<BudgetReading> {
      const { mode } = caller
      await refuseUnusable(mode, customerId, input)
      const budget = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, mode, customerId)
        const now = accounts.now(customer)
        const known = await store.listOfCustomer(tx, mode, customerId)
        if (known.length >= MAX_PER_CUSTOMER) {
          const message = `an account has at most ${MAX_PER_CUSTOMER} budgets`
          throw invalidRequest([{ path: 'name', message }])
        }
        const created: Budget = {
          ...input,
          mode,
          id: newId('budget', now),
          customerId,
          alertPercents: inOrder(input.alertPercents),
          createdAt: now,
          updatedAt: now,
        }
        await store.insert(tx, created)
        await accessChanges.announce(tx, created)
        await audit.record(tx, caller, change('budget.created', created))
        return created
      })
      return readOne(budget)
    },

    async change(
      caller: Caller,
      customerId: string,
      id: string,
      input: BudgetChange,
    ): Promise<BudgetReading> {
      const budget = await database.transaction(async (tx) => {
        const customer = await accounts.lock(tx, caller.mode, customerId)
        const before = await getOwn(tx, caller.mode, customerId, id)
        const after: Budget = {
          ...before,
          ...input,
          alertPercents: inOrder(input.alertPercents ?? before.alertPercents),
          updatedAt: accounts.now(customer),
        }
        await store.update(tx, after)
        await accessChanges.announce(tx, after)
        await audit.record(tx, caller, {
          ...change('budget.changed', after),
          before: toAudit(before),
        })
        return after
      })
      return readOne(budget)
    },

    async remove(caller: Caller, customerId: string, id: string): Promise<void> {
      await database.transaction(async (tx) => {
        await accounts.lock(tx, caller.mode, customerId)
        const budget = await getOwn(tx, caller.mode, customerId, id)
        await store.remove(tx, budget)
        await accessChanges.announce(tx, budget)
        await audit.record(tx, caller, {
          ...change('budget.removed', budget),
          before: toAudit(budget),
          after: null,
        })
      })
    },
  }
}

function inOrder(percents: readonly number[]): number[] {
  return [...new Set(percents)].toSorted((a, b) => a - b)
}

function change(action: string, budget: Budget) {
  const { id, customerId } = budget
  return { action, targetKind: 'budget', targetId: id, customerId, after: toAudit(budget) }
}

function toAudit({ name, apiKeyId, measure, amount, window, isHard, alertPercents }: Budget) {
  const amountText = formatDecimal(amount)
  return { name, apiKeyId, measure, amount: amountText, window, isHard, alertPercents }
}

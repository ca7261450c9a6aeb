import type { Currency } from '../../kit/currency.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Database, Db } from '../../platform/database/database.ts'
import type { Accounts } from '../accounts/service.ts'
import type { Customer } from '../accounts/customer.ts'
import type { Meter } from '../catalog/meter.ts'
import type { Catalog } from '../catalog/service.ts'
import type { UsageAnswers, UsageSource } from '../metering/readings/answers.service.ts'
import type { AddOns } from '../subscriptions/add-ons/service.ts'
import type { Stays } from '../subscriptions/stays/service.ts'
import { isWithoutCharges, type Subscription } from '../subscriptions/subscription.ts'
import { addOnTerms, type Holding } from './add-on-terms.ts'
import { termsOfStays } from './history.ts'
import type { Term } from './terms.ts'
import {
  type UsageQuantity,
  type UsageQuery,
  usageQueryKey,
  type UsageReading,
} from './usage-reading.ts'

/** All that rating a subscription depends on, but for usage and credits. */
export interface Contract {
  readonly subscription: Subscription
  readonly customer: Customer
  readonly currency: Currency
  /** Those of the plan one after the other, then those of add-ons beside them. */
  readonly terms: readonly Term[]
  readonly planTerms: readonly Term[]
  readonly holdings: readonly Holding[]
  /** By feature. */
  readonly meters: ReadonlyMap<string, Meter>
  /** We make its invoices now; before it may have been a Stripe subscription. */
  readonly isBilledHere: boolean
  /** No Stripe subscription bills, or billed, anything of it. */
  readonly isAllBilledHere: boolean
}

interface RatingDeps {
  readonly addOns: AddOns
  readonly database: Database
  readonly accounts: Accounts
  readonly catalog: Catalog
  readonly stays: Stays
  readonly usageAnswers: UsageAnswers
}

export type Rating = ReturnType<typeof createRating>

/** Loads what the rules ask for: what a subscription was sold under, and what was measured. */
export function createRating(deps: RatingDeps) {
  const { addOns, database, accounts, catalog, stays, usageAnswers } = deps

  async function metersOf(mode: Mode, db: Db): Promise<ReadonlyMap<string, Meter>> {
    const [features, meters] = [await catalog.features(mode, db), await catalog.meters(mode, db)]
    const byKey = new Map(meters.map((meter) => [meter.key, meter]))
    return new Map(
      [...features.values()].flatMap(({ key, meterKey }) => {
        const meter = meterKey === null ? undefined : byKey.get(meterKey)
        return meter === undefined ? [] : [[key, meter] as const]
      }),
    )
  }

  return {
    metersOf: (mode: Mode, db: Db = database.db) => metersOf(mode, db),

    async contractOf(subscription: Subscription, db: Db = database.db): Promise<Contract> {
      const { mode, customerId, currency, currentPeriod, engine } = subscription
      const customer = await accounts.get(mode, customerId, db)
      const history = []
      for (const stay of await stays.list(mode, subscription.id, db)) {
        history.push({ stay, version: await catalog.getVersion(mode, stay.planVersionId, db) })
      }
      const mirrored = engine === 'stripe_subscription' ? currentPeriod : null
      const planTerms = termsOfStays(history, customer.timeZone, mirrored)
      const holdings = await addOns.history(mode, subscription.id, db)
      return {
        subscription,
        customer,
        currency,
        terms: [...planTerms, ...addOnTerms(planTerms, holdings)],
        planTerms,
        holdings,
        meters: await metersOf(mode, db),
        isBilledHere: engine !== 'stripe_subscription',
        isAllBilledHere: isWithoutCharges(subscription),
      }
    },

    /** Answers every query; a meter that is gone is a bug of whoever asks. */
    async read(
      { subscription, meters }: Contract,
      queries: readonly UsageQuery[],
      source: UsageSource = 'counted',
      db: Db = database.db,
    ): Promise<UsageReading> {
      const byKey = new Map([...meters.values()].map((meter) => [meter.key, meter]))
      const reading = new Map<string, readonly UsageQuantity[]>()
      for (const query of queries) {
        const meter = byKey.get(query.meterKey)
        if (meter === undefined) throw new RangeError(`There is no meter ${query.meterKey}`)
        const measured = { mode: subscription.mode, subscriptionId: subscription.id, meter }
        reading.set(usageQueryKey(query), await usageAnswers.answer(measured, query, source, db))
      }
      return reading
    },
  }
}

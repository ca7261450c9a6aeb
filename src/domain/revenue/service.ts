import { invalidRequest } from '../../errors.ts'
import type { Currency } from '../../kit/currency.ts'
import type { Instant } from '../../kit/instant.ts'
import type { Mode } from '../../kit/mode.ts'
import type { Period } from '../../kit/period.ts'
import type { Database } from '../../platform/database/database.ts'
import type { Clocks } from '../accounts/clocks.service.ts'
import { addOnTerms } from '../billing/add-on-terms.ts'
import { termsOfStays } from '../billing/history.ts'
import { isFreePhase } from '../catalog/plan.ts'
import type { Catalog } from '../catalog/service.ts'
import type { Redemptions } from '../coupons/redemptions/service.ts'
import type { Refusals } from '../refusals/service.ts'
import type { AddOns } from '../subscriptions/add-ons/service.ts'
import type { Stays } from '../subscriptions/stays/service.ts'
import type { CashRow } from './cash.ts'
import { ratesOf, type RevenueInterval, type RevenueRates, revenueOver } from './movements.ts'
import {
  addRevenue,
  recurringRevenue,
  revenueBefore,
  type RevenueStep,
  type TrialEnd,
  trialEnds,
} from './recurring-revenue.ts'
import { intervalsOf, reportWindow } from './report-window.ts'
import * as store from './store.ts'

const BATCH = 1_000
const QUOTA_CODES = ['quota_exceeded']

interface RevenueDeps {
  readonly addOns: AddOns
  readonly catalog: Catalog
  readonly clocks: Clocks
  readonly database: Database
  readonly redemptions: Redemptions
  readonly refusals: Refusals
  readonly stays: Stays
}

/** What a report is asked about; undefined is the last thirty days. */
export interface ReportQuestion {
  readonly from?: Instant | undefined
  readonly to?: Instant | undefined
}

export interface CurrencyRevenue extends RevenueInterval, RevenueRates {
  readonly currency: Currency
}

export interface CurrencyMetrics extends CurrencyRevenue {
  /** Of subscriptions whose last payment failed. */
  readonly atRiskMinor: bigint
}

export interface Metrics {
  readonly period: Period
  readonly revenue: readonly CurrencyMetrics[]
  readonly trials: { readonly ended: number; readonly converted: number }
  readonly activeCustomers: number
  readonly plans: readonly store.PlanCount[]
  readonly payments: readonly store.PaymentCounts[]
  readonly afterSales: store.AfterSales
  /** Calls refused because there was nothing left of a quota. */
  readonly quotaDenials: number
}

/** Everything the subscriptions of a mode ever committed to. */
interface Earnings {
  /** By currency: of each customer, all subscriptions together. */
  readonly byCurrency: ReadonlyMap<Currency, readonly (readonly RevenueStep[])[]>
  readonly failing: readonly { readonly currency: Currency; readonly steps: RevenueStep[] }[]
  readonly trials: readonly TrialEnd[]
}

export type Revenue = ReturnType<typeof createRevenue>

/** Reports about money, made of what others keep. Nothing is written. */
export function createRevenue(deps: RevenueDeps) {
  const { addOns, catalog, clocks, database, redemptions, refusals, stays } = deps

  function windowOf(mode: Mode, asked: ReportQuestion): Period {
    const window = reportWindow(asked, clocks.now(mode))
    if ('problem' in window) throw invalidRequest([{ path: 'from', message: window.problem }])
    return window
  }

  async function earnings(mode: Mode, before: Instant): Promise<Earnings> {
    const versions = await catalog.everyVersion(mode)
    const priced = [...versions.values()].filter(
      ({ definition }) => !definition.phases.every(isFreePhase),
    )
    const byCustomer = new Map<Currency, Map<string, RevenueStep[][]>>()
    const failing: { currency: Currency; steps: RevenueStep[] }[] = []
    const trials: TrialEnd[] = []
    const pricedIds = priced.map(({ id }) => id)
    let rows: store.EarningRow[]
    let after = ''
    do {
      rows = await store.listEarning(database.db, mode, pricedIds, before, { after, limit: BATCH })
      after = rows.at(-1)?.id ?? after
      const ids = rows.map(({ id }) => id)
      if (ids.length === 0) break
      const [stayed, held, redeemed] = await Promise.all([
        stays.ofMany(mode, ids),
        addOns.ofMany(mode, ids),
        redemptions.ofMany(mode, ids),
      ])
      for (const { id, customerId, currency, isFailing, givenUpAt } of rows) {
        const history = (stayed.get(id) ?? []).flatMap((stay) => {
          const version = versions.get(stay.planVersionId)
          return version === undefined ? [] : [{ stay, version }]
        })
        const holdings = (held.get(id) ?? []).flatMap(({ versionId, ...holding }) => {
          const version = versions.get(versionId)
          return version === undefined ? [] : [{ ...holding, version }]
        })
        // Zones and Stripe's periods move invoices, not what is committed.
        const planTerms = termsOfStays(history, 'UTC', null)
        const terms = [...planTerms, ...addOnTerms(planTerms, holdings)]
        const sold = { terms, redeemed: redeemed.get(id) ?? [], currency, givenUpAt }
        const steps = recurringRevenue(sold)
        trials.push(...trialEnds(planTerms))
        if (isFailing) failing.push({ currency, steps })
        const customers = byCustomer.get(currency) ?? new Map<string, RevenueStep[][]>()
        byCustomer.set(currency, customers)
        customers.set(customerId, [...(customers.get(customerId) ?? []), steps])
      }
    } while (rows.length === BATCH)
    const byCurrency = new Map(
      [...byCustomer]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .map(([currency, customers]) => [currency, [...customers.values()].map(addRevenue)]),
    )
    return { byCurrency, failing, trials }
  }

  return {
    /** The numbers of the home page. */
    async metrics(mode: Mode, asked: ReportQuestion): Promise<Metrics> {
      const period = windowOf(mode, asked)
      const [{ byCurrency, failing, trials }, active, payments, afterSales, quotaDenials] =
        await Promise.all([
          earnings(mode, period.endsAt),
          store.countActive(database.db, mode),
          store.countPayments(database.db, mode, period),
          store.afterSales(database.db, mode, period),
          refusals.count(mode, QUOTA_CODES, period),
        ])
      const revenue = [...byCurrency].flatMap(([currency, customers]) =>
        revenueOver(customers, [period]).map((interval) => ({
          currency,
          ...interval,
          ...ratesOf(interval),
          atRiskMinor: failing
            .filter((each) => each.currency === currency)
            .reduce((sum, { steps }) => sum + revenueBefore(steps, period.endsAt), 0n),
        })),
      )
      const ended = trials.filter(({ at }) => period.startsAt <= at && at < period.endsAt)
      return {
        period,
        revenue,
        trials: {
          ended: ended.length,
          converted: ended.filter(({ isConverted }) => isConverted).length,
        },
        activeCustomers: active.customers,
        plans: active.plans,
        payments,
        afterSales,
        quotaDenials,
      }
    },

    /** Recurring revenue and customers, one row for each currency and day or month. */
    async subscriptions(
      mode: Mode,
      asked: ReportQuestion,
      every: 'day' | 'month',
    ): Promise<CurrencyRevenue[]> {
      const period = windowOf(mode, asked)
      const { byCurrency } = await earnings(mode, period.endsAt)
      return [...byCurrency].flatMap(([currency, customers]) =>
        revenueOver(customers, intervalsOf(period, every)).map((interval) => ({
          currency,
          ...interval,
          ...ratesOf(interval),
        })),
      )
    },

    /** Money asked for, received and given back. */
    async cash(
      mode: Mode,
      asked: ReportQuestion,
      group: 'day' | 'month' | 'plan',
    ): Promise<readonly CashRow[]> {
      return store.cashBy(database.db, mode, group, windowOf(mode, asked))
    },
  }
}
